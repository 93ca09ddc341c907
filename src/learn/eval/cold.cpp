#include "learn/eval/cold.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "base/file.h"
#include "base/measure/splits.h"
#include "learn/eval/cold_parts.h"
#include "learn/eval/movielens_about.h"
#include "learn/eval/t6_data.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr double kAskedShare = 0.2;
constexpr std::size_t kFewest = 5;  // things of a user of LastFM

// Settings are those of the tables that these sets have of their own (T1, T2, T6), which say what they have seen.
const Contestant kLastFmIals{"ials", {{"factors", 128}, {"alpha0", 0.05}, {"strength", 5}}};
const Contestant kTikTokIals{"ials", {{"factors", 256}, {"alpha0", 0.01}, {"strength", 3}, {"epochs", 6}}};
const Contestant kTikTokItemKnn{"itemknn",
                                {{"neighbours", 500}, {"user_power", 1}, {"history_power", 0}, {"target_power", 0}}};

std::vector<Contestant> with(std::vector<Contestant> all, std::vector<Contestant> more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

bool has_ml_100k(const fs::path& dir) {
  const auto found = find_ratings(dir);
  return found.ok() && !found->csv;
}

fs::path lastfm_file(const fs::path& dir) {
  for (const auto& folder : {dir / "interactions" / "lastfm-2k", dir}) {
    for (const auto* name : {"user_artists.dat", "user_artists.dat.gz"}) {
      if (fs::is_regular_file(folder / name)) return folder / name;
    }
  }
  return {};
}

// Users with five artists or more.
Result<T1Data> load_lastfm(const fs::path& file) {
  T1Data data{.name = "lastfm-2k", .sha256 = {}, .ids = {}, .rows = {}};
  Ids all;
  ZY_TRY(auto events, read_pairs(file, all));
  const auto numbers = all.items.sort();
  for (auto& event : events.events) event.item = numbers[event.item];
  for (auto& row : rows_by_user(events.events, all.users.size())) {
    if (row.size() < kFewest) continue;
    data.ids.users.add(all.users.text(row.front().user));
    data.rows.push_back(std::move(row));
  }
  data.ids.items = std::move(all.items);
  data.sha256 = std::move(events.sha256);
  if (data.rows.size() < kFewest) {
    return invalid(fmt::format("{}: {} users with five artists or more; five folds need at least five", file.string(),
                               data.rows.size()));
  }
  return data;
}

HeldOut weak_split(const T1Data& data, std::uint64_t seed) {
  std::vector<UserRow> shown(data.rows.size());
  std::vector<UserRow> asked(data.rows.size());
  Random random(seed, 2);
  std::string text;
  for (std::size_t user = 0; user < data.rows.size(); ++user) {
    const auto& row = data.rows[user];
    const auto cut = hold_out_share(row.size(), kAskedShare, random);
    for (const auto position : cut.kept) shown[user].push_back(row[position]);
    for (const auto position : cut.held_out) {
      asked[user].push_back(row[position]);
      text += fmt::format("{}\t{}\n", user, row[position].item);
    }
  }
  HeldOut held;
  held.data = data.name;
  held.sha256 = sha256_hex(fmt::format("{}\n{}", data.sha256, text));
  held.train = matrix_of(shown, data.ids.items.size());
  held.test = cases_of(shown, asked);
  return held;
}

// Where the files are not there, nothing.
Result<SideInformation> side_of(const T1Data& data, const fs::path& dir) {
  SideInformation side;
  if (!fs::exists(dir / "u.user") || !fs::exists(dir / "u.item")) return side;
  ZY_TRY(const auto about, read_movielens_about(dir));
  const auto words = [](const auto& known, const std::string& id, auto&& name) {
    std::vector<std::string> all;
    const auto found = known.find(id);
    if (found == known.end()) return all;
    for (std::size_t k = 0; k < found->second.size(); ++k) all.push_back(name(k) + found->second[k]);
    return all;
  };
  constexpr std::array<std::string_view, 3> kOfUsers = {"age ", "sex ", "occupation "};
  for (UserIndex user = 0; user < data.ids.users.size(); ++user)
    side.users.push_back(
        words(about.users, data.ids.users.text(user), [&](std::size_t k) { return std::string(kOfUsers[k]); }));
  for (ItemIndex item = 0; item < data.ids.items.size(); ++item)
    side.items.push_back(words(about.items, data.ids.items.text(item),
                               [](std::size_t k) { return std::string(k == 0 ? "year " : "genre "); }));
  return side;
}

// A number for each word: 1 where the item has it.
ItemFeatures features_of(const std::vector<std::vector<std::string>>& items) {
  std::map<std::string, std::size_t> numbers;
  for (const auto& words : items) {
    for (const auto& word : words) numbers.try_emplace(word, numbers.size());
  }
  ItemFeatures features{.dim = numbers.size(), .rows = std::vector<float>(items.size() * numbers.size(), 0)};
  for (std::size_t item = 0; item < items.size(); ++item) {
    for (const auto& word : items[item]) features.rows[item * features.dim + numbers.at(word)] = 1;
  }
  return features;
}

void describe(const T1Data& data, Table& table) {
  table.results.emplace_back(data.name + ".users", data.rows.size());
  table.results.emplace_back(data.name + ".items", data.ids.items.size());
}

Result<void> add_ml_100k(const ColdOptions& options, Table& table) {
  ZY_TRY(const auto file, find_ratings(options.data));
  ZY_TRY(const auto data, load_t1(options.data));
  ZY_TRY(const auto side, side_of(data, file.path.parent_path()));
  describe(data, table);
  const std::vector<Contestant> who = {{"random"},  {"pop"},  {"userknn"}, {"itemknn"},
                                       {"rp3beta"}, {"ease"}, {"ials"},    {"spectral"}};
  ZY_CHECK_OK(add_cold_users(data, side, who, options, table));
  auto held = weak_split(data, options.seed);
  if (side.items.empty()) return add_cold_items(held, who, options, table);
  held.features = features_of(side.items);
  return add_cold_items(held, with(who, {{"content_blend"}, {"hybrid"}, {"two_tower"}}), options, table);
}

Result<void> add_lastfm(const ColdOptions& options, Table& table) {
  ZY_TRY(const auto data, load_lastfm(lastfm_file(options.data)));
  describe(data, table);
  const std::vector<Contestant> who = {{"random"},  {"pop"},     {"userknn"}, {"itemknn"},
                                       {"rp3beta"}, kLastFmIals, {"spectral"}};
  ZY_CHECK_OK(add_cold_users(data, {}, who, options, table));
  return add_cold_items(weak_split(data, options.seed), who, options, table);
}

Result<void> add_tiktok(const ColdOptions& options, Table& table) {
  ZY_TRY(auto data, load_t6(options.data));
  HeldOut held;
  held.data = "tiktok-mm";
  held.sha256 = data.sha256;
  held.train = Interactions::from(data.train, data.users, data.items);
  held.test = warm_cases(data, data.test, data.valid);
  held.features = std::move(data.features);
  table.results.emplace_back("tiktok-mm.users", data.users);
  table.results.emplace_back("tiktok-mm.items", data.items);
  const std::vector<Contestant> who = {{"random"},   {"pop"},           kTikTokItemKnn, kTikTokIals,
                                       {"spectral"}, {"content_blend"}, {"hybrid"},     {"two_tower"}};
  return add_cold_items(held, who, options, table);
}

}  // namespace

Result<Table> evaluate_cold(const ColdOptions& options) {
  Table table{.name = "cold", .seed = options.seed, .machine = this_machine(options.threads)};
  if (has_ml_100k(options.data)) ZY_CHECK_OK(add_ml_100k(options, table).in("cold"));
  if (!lastfm_file(options.data).empty()) ZY_CHECK_OK(add_lastfm(options, table).in("cold"));
  if (has_t6(options.data)) ZY_CHECK_OK(add_tiktok(options, table).in("cold"));
  if (table.rows.empty()) {
    return not_found(fmt::format("{}: none of ml-100k (u.data), lastfm-2k (user_artists.dat) and tiktok-mm is here",
                                 options.data.string()));
  }
  return table;
}

}  // namespace zhiyin
