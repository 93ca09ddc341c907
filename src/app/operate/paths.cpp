#include "app/operate/paths.h"

namespace zhiyin {

namespace fs = std::filesystem;

// PREFIX/bin/zhiyin finds PREFIX/share/zhiyin/web.
fs::path default_web_dir() {
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed);
  const auto installed = program.parent_path().parent_path() / "share" / "zhiyin" / "web";
  return fs::exists(installed, failed) ? installed : fs::path(ZHIYIN_SOURCE_DIR) / "web" / "dist";
}

}  // namespace zhiyin
