// Where the program finds what it did not bring in its binary.
#pragma once

#include <filesystem>

namespace zhiyin {

// The page's files: web/dist of the source tree that the program was built from, or share/zhiyin/web beside it.
std::filesystem::path default_web_dir();

}  // namespace zhiyin
