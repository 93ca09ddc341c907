#include "learn/eval/split.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/log.h"

namespace zhiyin {
namespace {

constexpr std::string_view kDefaultMetrics =
    "recall@10,recall@20,recall@50,recall@100,ndcg@10,ndcg@20,ndcg@50,ndcg@100,"
    "hr@10,hr@20,hr@50,hr@100,coverage@10,coverage@20,coverage@50,coverage@100";

std::string text_of(const std::vector<UserRow>& rows, const Ids& ids) {
  std::string text;
  for (std::uint32_t user = 0; user < rows.size(); ++user) {
    for (const auto& event : rows[user])
      text += fmt::format("{}\t{}\n", ids.users.text(user), ids.items.text(event.item));
  }
  return text;
}

// A test event that train has too is masked and cannot be found: legal, but seldom meant.
void warn_of_overlap(std::span<const RankingCase> test) {
  std::size_t lost = 0;
  for (const auto& one : test) {
    lost += static_cast<std::size_t>(std::ranges::count_if(
        one.relevant, [&](ItemIndex item) { return std::ranges::binary_search(one.masked, item); }));
  }
  if (lost > 0)
    log_warning("{} of {} test events are in train or valid too: they are masked and count as missed", lost,
                count_events(test));
}

}  // namespace

Result<SplitData> load_split(const SplitOptions& options) {
  SplitData data;
  const auto read = [&](const std::filesystem::path& path) -> Result<EventFile> {
    ZY_TRY(auto file, read_pairs(path, data.ids));
    std::erase_if(file.events, [](const Interaction& event) { return event.weight <= 0; });
    if (file.events.empty()) return invalid(fmt::format("{}: no event has a value above 0", path.string()), "value");
    return file;
  };
  ZY_TRY(auto train_file, read(options.train));
  ZY_TRY(auto test_file, read(options.test));
  EventFile valid_file;
  if (!options.valid.empty()) {
    ZY_TRY(valid_file, read(options.valid));
  }
  const auto numbers = data.ids.items.sort();
  const auto rows_of = [&](EventFile& file) {
    for (auto& event : file.events) event.item = numbers[event.item];
    return rows_by_user(file.events, data.ids.users.size());
  };
  const auto items = data.ids.items.size();
  const auto train = rows_of(train_file);
  const auto test = rows_of(test_file);
  auto valid = rows_of(valid_file);
  auto tuning_train = train;
  const bool valid_given = !options.valid.empty();
  if (!valid_given) {
    const bool next_item = std::ranges::all_of(test, [](const UserRow& row) { return row.size() <= 1; });
    valid = take_validation(tuning_train, next_item, options.seed);
  }
  auto& cut = data.held_out;
  cut.data = options.test.filename().string();
  cut.train = matrix_of(train, items);
  cut.tuning_train = matrix_of(tuning_train, items);
  cut.test = cases_of(train, test, valid_given ? valid : std::vector<UserRow>{});
  cut.names = case_names(data.ids, test);
  cut.valid = cases_of(tuning_train, valid);
  cut.sha256 = sha256_hex(fmt::format("train {}\ntest {}\nvalid {}\n", train_file.sha256, test_file.sha256,
                                      valid_given ? valid_file.sha256 : sha256_hex(text_of(valid, data.ids))));
  if (!options.features.empty()) {
    ZY_TRY(cut.features, read_features(options.features, data.ids.items));
  }
  warn_of_overlap(cut.test);
  return data;
}

Result<Table> evaluate_split(const SplitOptions& options) {
  if (options.models.empty()) return invalid("split: no models; give --models a,b,c", "models");
  ZY_CHECK_OK(check_models(options.models, options.params));
  Contest contest{.contestants = {},
                  .metrics = options.metrics,
                  .budget_s = options.budget_minutes * 60,
                  .seed = options.seed,
                  .threads = options.threads,
                  .trec_out = options.trec_out,
                  .on_progress = options.on_progress};
  if (contest.metrics.empty()) {
    ZY_TRY(contest.metrics, parse_metric_keys(kDefaultMetrics));
  }
  for (const auto& model : options.models) {
    const auto fixed = options.params.find(model);
    const bool tune = fixed == options.params.end();
    contest.contestants.push_back({model, tune ? Params{} : fixed->second, tune});
  }
  ZY_TRY(const auto data, load_split(options));
  const auto& cut = data.held_out;
  Table table{.name = "split", .seed = options.seed, .machine = this_machine(options.threads)};
  table.results = {{"users", cut.test.size()},
                   {"items", data.ids.items.size()},
                   {"train_events", cut.train.size()},
                   {"test_events", count_events(cut.test)},
                   {"valid_events", count_events(cut.valid)}};
  ZY_CHECK_OK(add_rows(cut, contest, table).in("split"));
  return table;
}

}  // namespace zhiyin
