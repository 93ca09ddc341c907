#include "app/operate/paths.h"

#include <cstdlib>

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// What lies in the source tree, or where an installation puts it: PREFIX/bin/zhiyin and PREFIX/share/zhiyin.
fs::path shared_file(const fs::path& in_sources, const fs::path& installed) {
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed);
  const auto share = program.parent_path().parent_path() / "share" / "zhiyin" / installed;
  return fs::exists(share, failed) ? share : fs::path(ZHIYIN_SOURCE_DIR) / in_sources;
}

}  // namespace

fs::path default_web_dir() { return shared_file("web/dist", "web"); }

fs::path encoder_manifest() { return shared_file("encoders/manifest.toml", "encoders/manifest.toml"); }

fs::path cache_dir() {
  if (const char* cache = std::getenv("ZHIYIN_CACHE")) return cache;
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return fs::path(cache) / "zhiyin";
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "." : home) / ".cache" / "zhiyin";
}

}  // namespace zhiyin
