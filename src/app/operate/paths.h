// Where the program finds what it did not bring in its binary.
#pragma once

#include <filesystem>

namespace zhiyin {

// The page's files: web/dist of the source tree that the program was built from, or share/zhiyin/web beside it.
std::filesystem::path default_web_dir();

// Models made ready by set-up: $ZHIYIN_CACHE, else $XDG_CACHE_HOME/zhiyin, else ~/.cache/zhiyin.
std::filesystem::path cache_dir();

// encoders/manifest.toml, which pins them.
std::filesystem::path encoder_manifest();

}  // namespace zhiyin
