// What this program was built from.
#pragma once

#include <filesystem>
#include <string_view>

namespace zhiyin {

std::string_view version();

// The commit that the source tree stood on when it was compiled; "unknown" outside a git tree. Changes that were not
// committed do not show.
std::string_view commit();

// The source tree, for what has not been installed elsewhere: the page's files, the list of models.
std::filesystem::path source_dir();

}  // namespace zhiyin
