#include "learn/eval/split.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/measure/splits.h"
#include "learn/eval/tuning.h"

namespace zhiyin {
namespace {

constexpr std::string_view kDefaultMetrics =
    "recall@10,recall@20,recall@50,recall@100,ndcg@10,ndcg@20,ndcg@50,ndcg@100,"
    "hr@10,hr@20,hr@50,hr@100,coverage@10,coverage@20,coverage@50,coverage@100";
constexpr double kValidationShare = 0.1;

// What validation chooses by: ndcg@20 where it is asked for, else the first ndcg asked for, else ndcg@20.
MetricKey objective_of(std::span<const MetricKey> metrics) {
  const MetricKey usual{RankingMetric::kNdcg, 20};
  if (std::ranges::find(metrics, usual) != metrics.end()) return usual;
  const auto first = std::ranges::find(metrics, RankingMetric::kNdcg, &MetricKey::metric);
  return first == metrics.end() ? usual : *first;
}

Interactions matrix_of(const std::vector<UserRow>& rows, std::size_t items) {
  std::vector<Interaction> cells;
  UserIndex next = 0;  // users without events are none of the model's
  for (const auto& row : rows) {
    for (const auto& event : row) cells.push_back({next, event.item, 1.0F, event.time});
    if (!row.empty()) ++next;
  }
  return Interactions::from(cells, next, items);
}

// A case for each user who is asked for something; `also_masked` may be empty.
std::vector<RankingCase> cases_of(const std::vector<UserRow>& known, const std::vector<UserRow>& asked,
                                  const std::vector<UserRow>& also_masked) {
  std::vector<RankingCase> cases;
  for (std::size_t user = 0; user < asked.size(); ++user) {
    if (asked[user].empty()) continue;
    auto& one = cases.emplace_back();
    one.history = history_of(known[user]);
    one.relevant = items_of(asked[user]);
    auto masked = known[user];
    if (!also_masked.empty()) masked.insert(masked.end(), also_masked[user].begin(), also_masked[user].end());
    one.masked = items_of(masked);
  }
  return cases;
}

// Takes validation events out of train: every user keeps at least one event.
std::vector<UserRow> take_validation(std::vector<UserRow>& train, bool next_item, std::uint64_t seed) {
  Random random(seed);
  std::vector<UserRow> valid(train.size());
  for (std::size_t user = 0; user < train.size(); ++user) {
    auto& row = train[user];
    HoldOut cut;
    if (next_item) {
      cut = hold_out_last(row.size(), 1);
    } else {
      for (std::uint32_t position = 0; position < row.size(); ++position) {
        const bool held = random.uniform() < kValidationShare;
        (held ? cut.held_out : cut.kept).push_back(position);
      }
      if (cut.kept.empty()) continue;
    }
    UserRow kept;
    for (const auto position : cut.kept) kept.push_back(row[position]);
    for (const auto position : cut.held_out) valid[user].push_back(row[position]);
    row = std::move(kept);
  }
  return valid;
}

std::string text_of(const std::vector<UserRow>& rows, const Ids& ids) {
  std::string text;
  for (std::uint32_t user = 0; user < rows.size(); ++user) {
    for (const auto& event : rows[user])
      text += fmt::format("{}\t{}\n", ids.users.text(user), ids.items.text(event.item));
  }
  return text;
}

std::size_t count_events(std::span<const RankingCase> cases) {
  std::size_t events = 0;
  for (const auto& one : cases) events += one.relevant.size();
  return events;
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

// Chooses the settings, trains, asks. What the choice cost and reached goes to the table's results.
Result<Row> evaluate_model(const SplitOptions& options, const SplitData& data, std::span<const MetricKey> metrics,
                           std::size_t m, double budget_s, Table& table) {
  const auto& model = options.models[m];
  const auto* features = data.features.dim > 0 ? &data.features : nullptr;
  options.on_progress(model, m, options.models.size());
  Params params;
  if (const auto fixed = options.params.find(model); fixed != options.params.end()) {
    params = fixed->second;
  } else if (options.budget_minutes > 0 && !data.valid.empty()) {
    const auto on_trial = [&](int trial) {
      options.on_progress(fmt::format("{}, trial {}", model, trial + 1), m, options.models.size());
    };
    const auto objective = objective_of(metrics);
    ZY_TRY(auto tuned, tune(model, {.interactions = data.tuning_train, .features = features}, data.valid,
                            {.objective = objective,
                             .budget_s = budget_s,
                             .seed = options.seed,
                             .threads = options.threads,
                             .on_trial = on_trial}));
    params = std::move(tuned.params);
    table.results.emplace_back(fmt::format("trials.{}", model), tuned.trials);
    table.results.emplace_back(fmt::format("valid.{}.{}", model, objective.text()), tuned.objective);
  }
  ZY_TRY(const auto fitted,
         fit(model, params, {.interactions = data.train, .features = features}, options.seed, options.threads));
  const auto scores = rank_all(*fitted.model, data.test, metrics, options.threads);
  Row row{.block = "main",
          .data = options.test.filename().string(),
          .split_sha256 = data.sha256,
          .model = model,
          .params = fitted.model->params(),
          .metrics = {},
          .ci95 = {},
          .train_s = fitted.cost.wall_s,
          .cpu_s = fitted.cost.cpu_s,
          .peak_rss_mib = fitted.cost.peak_rss_mib};
  for (std::size_t k = 0; k < metrics.size(); ++k) {
    row.metrics.emplace_back(metrics[k].text(), scores.means[k]);
    if (metrics[k].per_user())
      row.ci95.emplace_back(metrics[k].text(), bootstrap_mean(scores.per_user[k], options.seed));
  }
  return row;
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
  data.train = matrix_of(train, items);
  data.tuning_train = matrix_of(tuning_train, items);
  data.test = cases_of(train, test, valid_given ? valid : std::vector<UserRow>{});
  data.valid = cases_of(tuning_train, valid, {});
  data.sha256 = sha256_hex(fmt::format("train {}\ntest {}\nvalid {}\n", train_file.sha256, test_file.sha256,
                                       valid_given ? valid_file.sha256 : sha256_hex(text_of(valid, data.ids))));
  if (!options.features.empty()) {
    ZY_TRY(data.features, read_features(options.features, data.ids.items));
  }
  warn_of_overlap(data.test);
  return data;
}

Result<Table> evaluate_split(const SplitOptions& options) {
  if (options.models.empty()) return invalid("split: no models; give --models a,b,c", "models");
  ZY_CHECK_OK(check_models(options.models, options.params));
  auto metrics = options.metrics;
  if (metrics.empty()) {
    ZY_TRY(metrics, parse_metric_keys(kDefaultMetrics));
  }
  ZY_TRY(const auto data, load_split(options));
  const Stopwatch clock;
  Table table{.name = "split", .seed = options.seed, .machine = this_machine(options.threads)};
  table.results = {{"users", data.test.size()},
                   {"items", data.ids.items.size()},
                   {"train_events", data.train.size()},
                   {"test_events", count_events(data.test)},
                   {"valid_events", count_events(data.valid)}};
  for (std::size_t m = 0; m < options.models.size(); ++m) {
    // What is left is shared evenly, so a model that needs less than its share leaves the rest to those after it.
    const double left_s = std::max(0.0, options.budget_minutes * 60 - clock.seconds());
    const auto row =
        evaluate_model(options, data, metrics, m, left_s / static_cast<double>(options.models.size() - m), table);
    if (row.ok()) {
      table.rows.push_back(row.value());
    } else {
      log_warning("{} is left out: {}", options.models[m], row.error().message);
    }
  }
  if (table.rows.empty())
    return invalid("split: none of the models could be trained on this data; the warnings say why");
  return table;
}

}  // namespace zhiyin
