// Text files that may be gzipped, read whole.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace zhiyin {

// The bytes of the file, unpacked if it starts with gzip's magic number. A truncated or damaged archive is kCorrupt.
Result<std::string> read_text_file(const std::filesystem::path& path);

}  // namespace zhiyin
