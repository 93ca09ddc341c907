// What this program was built from.
#pragma once

#include <filesystem>
#include <string_view>

namespace zhiyin {

std::string_view version();

// The source tree, for what has not been installed elsewhere: the page's files, the list of models.
std::filesystem::path source_dir();

}  // namespace zhiyin
