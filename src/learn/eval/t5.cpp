#include "learn/eval/t5.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "learn/eval/held_out.h"
#include "learn/eval/leave_last.h"

namespace zhiyin {
namespace {

constexpr std::string_view kMetrics = "hr@10,ndcg@10,mrr@10,recall@50,coverage@10";

std::vector<Contestant> contestants() {
  return {{"random"},
          {"pop"},
          {"itemknn", {{"bm25", 1}, {"neighbours", 262}, {"shrink", 2.66}, {"recency", 2.05}}},
          {"ease", {{"lambda", 536}, {"dropout", 0.0181}, {"recency", 6.29}}},
          {"ials", {{"factors", 158}, {"alpha0", 1}, {"strength", 7.84}, {"epochs", 11.1}}},
          {"markov"},
          {"slist"},
          {"gru4rec"},
          {"sasrec"},
          {"ensemble",
           {{"next_item", 1},
            {"ease.lambda", 536},
            {"ease.dropout", 0.0181},
            {"ease.recency", 6.29},
            {"itemknn.bm25", 1},
            {"itemknn.neighbours", 262},
            {"itemknn.shrink", 2.66},
            {"itemknn.recency", 2.05}}}};
}

HeldOut cut_in_time(const Sequences& data, double share) {
  std::vector<UnixSeconds> times;
  for (const auto& row : data.rows) {
    for (const auto& event : row) times.push_back(event.time);
  }
  const auto nth = times.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(times.size()));
  std::ranges::nth_element(times, nth);
  const auto moment = *nth;
  std::vector<UserRow> shown(data.rows.size());
  std::vector<UserRow> asked(data.rows.size());
  for (std::size_t user = 0; user < data.rows.size(); ++user) {
    const auto cut =
        std::ranges::find_if(data.rows[user], [&](const Interaction& event) { return event.time >= moment; });
    shown[user].assign(data.rows[user].begin(), cut);
    if (cut != data.rows[user].end() && !shown[user].empty()) asked[user].push_back(*cut);
  }
  HeldOut held;
  held.data = data.name;
  held.sha256 = sha256_hex(fmt::format("{}\ncut at {}\n", data.sha256, moment));
  held.train = matrix_of(shown, data.items());
  held.test = cases_of(shown, asked);
  held.names = case_names(data.ids, asked);
  return held;
}

}  // namespace

Result<Table> evaluate_t5(const T5Options& options) {
  ZY_TRY(const auto metrics, parse_metric_keys(kMetrics));
  ZY_TRY(const auto data, read_sequences(options.data));

  Table table{.name = "t5", .seed = options.seed, .machine = this_machine(options.threads)};
  Contest contest{.metrics = metrics,
                  .seed = options.seed,
                  .threads = options.threads,
                  .trec_out = options.trec_out,
                  .on_progress = options.on_progress};
  const auto ask = [&](const std::string& block, const HeldOut& held, std::vector<Contestant> who) {
    contest.block = block;
    contest.contestants = std::move(who);
    return add_rows(held, contest, table).in("t5");
  };
  ZY_TRY(const auto who, named(contestants(), options.models));
  const auto last = leave_last(data, 1);
  const auto later = cut_in_time(data, 0.8);
  table.results = {{"users", last.test.size()}, {"items", data.items()}, {"time.users", later.test.size()}};
  ZY_CHECK_OK(ask("main", last, who));
  ZY_CHECK_OK(ask("popular_lately", last, {{"pop", {{"half_life_days", 7}}}}));
  ZY_CHECK_OK(ask("valid", leave_last(data, 2), who));
  if (later.test.empty()) return table;  // nobody went on
  ZY_CHECK_OK(ask("time", later, who));
  ZY_CHECK_OK(ask("time_popular_lately", later, {{"pop", {{"half_life_days", 7}}}}));
  return table;
}

}  // namespace zhiyin
