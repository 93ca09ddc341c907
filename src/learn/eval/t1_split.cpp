#include "learn/eval/t1_split.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/measure/splits.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr float kPositiveStars = 4;
constexpr std::size_t kFewestPositives = 5;
constexpr std::size_t kFolds = 5;
constexpr double kAskedShare = 0.2;

}  // namespace

Result<T1Data> load_t1(const fs::path& dir) {
  ZY_TRY(const auto file, find_ratings(dir));
  Ids all;
  ZY_TRY(auto ratings, read_ratings(file, all));
  std::erase_if(ratings.events, [](const Interaction& rating) { return rating.weight < kPositiveStars; });
  T1Data data{.name = file.name, .sha256 = ratings.sha256, .ids = {}, .rows = {}};
  // Numbers are given anew to the users and items that are left.
  std::vector<Interaction> left;
  for (const auto& row : rows_by_user(ratings.events, all.users.size())) {
    if (row.size() >= kFewestPositives) left.insert(left.end(), row.begin(), row.end());
  }
  for (auto& event : left) {
    event.user = data.ids.users.add(all.users.text(event.user));
    event.item = data.ids.items.add(all.items.text(event.item));
  }
  const auto numbers = data.ids.items.sort();
  for (auto& event : left) event.item = numbers[event.item];
  data.rows = rows_by_user(left, data.ids.users.size());
  if (data.rows.size() < kFolds) {
    return invalid(fmt::format("{}: {} users with at least {} ratings of {} stars or more; five folds need at least {}",
                               file.path.string(), data.rows.size(), kFewestPositives, kPositiveStars, kFolds));
  }
  return data;
}

T1Split split_t1(const T1Data& data, std::uint64_t seed) {
  Random random(seed);
  T1Split split;
  for (const auto& users : random_folds(data.rows.size(), kFolds, random)) {
    auto& fold = split.emplace_back();
    for (const auto user : users) {
      const auto& row = data.rows[user];
      const auto cut = hold_out_share(row.size(), kAskedShare, random);
      auto& held = fold.emplace_back(T1Case{.user = user, .shown = {}, .asked = {}});
      for (const auto position : cut.kept) held.shown.push_back(row[position]);
      for (const auto position : cut.held_out) held.asked.push_back(row[position]);
    }
  }
  return split;
}

std::string split_text(const T1Data& data, const T1Split& split) {
  std::string text;
  for (std::size_t fold = 0; fold < split.size(); ++fold) {
    for (const auto& held : split[fold]) {
      for (const auto* part : {&held.shown, &held.asked}) {
        for (const auto& event : *part) {
          fmt::format_to(std::back_inserter(text), "{}\t{}\t{}\t{}\n", fold, data.ids.users.text(held.user),
                         data.ids.items.text(event.item), part == &held.shown ? "shown" : "asked");
        }
      }
    }
  }
  return text;
}

Result<std::string> keep_split(const T1Data& data, const T1Split& split, std::uint64_t seed, const fs::path& folder) {
  const auto text = split_text(data, split);
  const auto hash = sha256_hex(text);
  if (folder.empty()) return hash;
  std::error_code failed;
  fs::create_directories(folder, failed);
  const auto path = folder / fmt::format("t1-{}-{}-seed{}.tsv", data.name, data.sha256.substr(0, 12), seed);
  if (!fs::exists(path)) {
    ZY_CHECK_OK(write_file_atomic(path, text));
    return hash;
  }
  ZY_TRY(const auto kept, sha256_file(path));
  if (kept != hash) {
    return corrupt(
        fmt::format("{}: not the split of seed {} of this data (sha256 {}, expected {}); it was changed after it was "
                    "written: move it away, and it is written anew",
                    path.string(), seed, kept, hash));
  }
  return hash;
}

}  // namespace zhiyin
