// What the files of MovieLens 100K say of who rates and what is rated.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace zhiyin {

// By their ids as text.
struct MovieLensAbout {
  std::map<std::string, std::vector<std::string>, std::less<>> users;  // age in tens, sex, occupation
  std::map<std::string, std::vector<std::string>, std::less<>> items;  // year, then the genres by number
};

inline constexpr std::size_t kMovieLensGenres = 19;

// From u.user and u.item in `dir`. Errors name the file that is missing, or that no line has the expected form.
Result<MovieLensAbout> read_movielens_about(const std::filesystem::path& dir);

}  // namespace zhiyin
