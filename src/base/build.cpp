#include "base/build.h"

namespace zhiyin {

std::string_view version() { return ZHIYIN_VERSION; }
std::string_view commit() { return ZHIYIN_COMMIT; }
std::filesystem::path source_dir() { return ZHIYIN_SOURCE_DIR; }

}  // namespace zhiyin
