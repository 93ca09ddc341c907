// The media files below the paths that a scan is given.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "feed/ingest/ingest.h"

namespace zhiyin {

// Each once, by path. Folders are walked, links not followed, files there taken by their extension; a named file
// always. kNotFound for a path that is not there; what cannot be read on the way is logged and left out.
Result<std::vector<MediaFile>> find_media_files(std::span<const std::filesystem::path> paths);

}  // namespace zhiyin
