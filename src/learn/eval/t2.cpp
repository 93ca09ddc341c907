#include "learn/eval/t2.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/measure/splits.h"
#include "learn/eval/held_out.h"

namespace zhiyin {
namespace {

constexpr std::string_view kMetrics = "recall@20,ndcg@20,ndcg@10,precision@10,map@10,coverage@20";

// One set: where it lies, how much of a row is held out, and who competes with what settings.
struct Set {
  std::string_view block;
  std::string_view folder;
  std::vector<std::string_view> files;
  double held_share;
  std::vector<Contestant> contestants;
};

std::vector<Set> sets() {
  return {{"lastfm",
           "lastfm-2k",
           {"user_artists.dat", "user_artists.dat.gz"},
           0.2,
           {{"random"},
            {"pop"},
            {"userknn"},
            {"itemknn"},
            {"rp3beta"},
            {"spectral"},
            {"ease", {{"lambda", 31}, {"dropout", 0.572}}},
            {"ials", {{"factors", 121}, {"alpha0", 0.0671}, {"strength", 12}, {"epochs", 6.11}}},
            {"ensemble",
             {{"markov", 0},
              {"slist", 0},
              {"ease.lambda", 31},
              {"ease.dropout", 0.572},
              {"ials.factors", 121},
              {"ials.alpha0", 0.0671},
              {"ials.strength", 12},
              {"ials.epochs", 6.11}}}}},
          {"ml-100k",
           "ml-100k",
           {"u.data", "u.data.gz"},
           0.25,
           {{"random"},
            {"pop"},
            {"userknn"},
            {"itemknn"},
            {"rp3beta"},
            {"spectral"},
            {"ease", {{"lambda", 115}, {"dropout", 0.576}}},
            {"ials", {{"factors", 103}, {"alpha0", 0.356}, {"strength", 8.25}, {"epochs", 6.39}}},
            {"ensemble",
             {{"markov", 0},
              {"slist", 0},
              {"ease.lambda", 115},
              {"ease.dropout", 0.576},
              {"ials.factors", 103},
              {"ials.alpha0", 0.356},
              {"ials.strength", 8.25},
              {"ials.epochs", 6.39}}}}}};
}

std::filesystem::path find_file(const std::filesystem::path& data, const Set& set) {
  for (const auto& folder : {data / "interactions" / set.folder, data}) {
    for (const auto file : set.files) {
      if (std::filesystem::is_regular_file(folder / file)) return folder / file;
    }
  }
  return {};
}

Result<HeldOut> held_out(const std::filesystem::path& file, const Set& set, std::uint64_t seed) {
  Ids ids;
  ZY_TRY(auto events, read_pairs(file, ids));
  const auto numbers = ids.items.sort();
  for (auto& event : events.events) event.item = numbers[event.item];
  const auto rows = rows_by_user(events.events, ids.users.size());
  std::vector<UserRow> shown(rows.size());
  std::vector<UserRow> asked(rows.size());
  Random random(seed, 2);
  std::string text;
  for (std::uint32_t user = 0; user < rows.size(); ++user) {
    const auto cut = hold_out_share(rows[user].size(), set.held_share, random);
    for (const auto position : cut.kept) shown[user].push_back(rows[user][position]);
    for (const auto position : cut.held_out) {
      asked[user].push_back(rows[user][position]);
      text += fmt::format("{}\t{}\n", ids.users.text(user), ids.items.text(rows[user][position].item));
    }
  }
  HeldOut data;
  data.data = set.folder;
  data.sha256 = sha256_hex(fmt::format("{}\n{}", events.sha256, text));
  data.train = matrix_of(shown, ids.items.size());
  data.test = cases_of(shown, asked);
  data.names = case_names(ids, asked);
  return data;
}

}  // namespace

Result<Table> evaluate_t2(const T2Options& options) {
  ZY_TRY(const auto metrics, parse_metric_keys(kMetrics));
  Table table{.name = "t2", .seed = options.seed, .machine = this_machine(options.threads)};
  for (const auto& set : sets()) {
    const auto file = find_file(options.data, set);
    if (file.empty()) continue;
    ZY_TRY(const auto contestants, named(set.contestants, options.models));
    ZY_TRY(const auto data, held_out(file, set, options.seed));
    table.results.emplace_back(fmt::format("{}.users", set.block), data.test.size());
    table.results.emplace_back(fmt::format("{}.items", set.block), data.train.items());
    table.results.emplace_back(fmt::format("{}.train_events", set.block), data.train.size());
    ZY_CHECK_OK(add_rows(data,
                         {.block = std::string(set.block),
                          .contestants = contestants,
                          .metrics = metrics,
                          .seed = options.seed,
                          .threads = options.threads,
                          .trec_out = options.trec_out,
                          .on_progress = options.on_progress},
                         table)
                    .in("t2"));
  }
  if (table.rows.empty()) {
    return not_found(fmt::format("{}: neither lastfm-2k (user_artists.dat) nor ml-100k (u.data), also .gz, is here",
                                 options.data.string()));
  }
  return table;
}

}  // namespace zhiyin
