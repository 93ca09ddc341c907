#include "learn/eval/movielens_about.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"

namespace zhiyin {

Result<MovieLensAbout> read_movielens_about(const std::filesystem::path& dir) {
  MovieLensAbout about;
  ZY_TRY(const auto users, read_file(dir / "u.user"));
  for (const auto line : split(users, '\n')) {
    const auto cells = split(trim(line), '|');
    if (cells.size() < 4) continue;
    int age = std::atoi(std::string(cells[1]).c_str());
    about.users[std::string(cells[0])] = {std::to_string(age < 18 ? 0 : age / 10), std::string(cells[2]),
                                          std::string(cells[3])};
  }
  ZY_TRY(const auto items, read_file(dir / "u.item"));
  for (const auto line : split(items, '\n')) {
    const auto cells = split(trim(line), '|');
    if (cells.size() < 5 + kMovieLensGenres) continue;
    const auto year = cells[2].size() >= 4 ? std::atoi(std::string(cells[2].substr(cells[2].size() - 4)).c_str()) : 0;
    auto& item = about.items[std::string(cells[0])];
    item.push_back(year >= 1990 ? std::to_string(year) : std::to_string(year / 10 * 10));
    for (std::size_t g = 0; g < kMovieLensGenres; ++g) {
      if (cells[5 + g] == "1") item.push_back(std::to_string(g));
    }
  }
  if (about.users.empty() || about.items.empty())
    return invalid(fmt::format("{}: u.user or u.item has no line of the expected form", dir.string()));
  return about;
}

}  // namespace zhiyin
