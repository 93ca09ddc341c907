#include "learn/eval/held_out.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "base/measure/splits.h"
#include "learn/eval/tuning.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

constexpr double kValidationShare = 0.1;
constexpr std::string_view kReference = "ials";  // whom the others are compared with

// What validation chooses by: ndcg@20 where it is asked for, else the first ndcg asked for, else ndcg@20.
MetricKey objective_of(std::span<const MetricKey> metrics) {
  const MetricKey usual{RankingMetric::kNdcg, 20};
  if (std::ranges::find(metrics, usual) != metrics.end()) return usual;
  const auto first = std::ranges::find(metrics, RankingMetric::kNdcg, &MetricKey::metric);
  return first == metrics.end() ? usual : *first;
}

std::filesystem::path trec_folder(const Contest& contest) {
  return contest.block == "main" ? contest.trec_out : contest.trec_out / contest.block;
}

// What a contestant reached, and what it cost.
struct Outcome {
  Row row;
  std::vector<std::vector<double>> per_user;  // by metric
};

class Rows {
 public:
  Rows(const HeldOut& data, const Contest& contest, Table& table) : data_(data), contest_(contest), table_(table) {
    if (contest.block != "main") prefix_ = contest.block + ".";
  }

  Result<void> add() {
    std::vector<Outcome> outcomes;
    for (std::size_t c = 0; c < contest_.contestants.size(); ++c) {
      auto outcome = run(c);
      if (outcome.ok()) {
        outcomes.push_back(std::move(outcome).value());
      } else {
        log_warning("{} is left out: {}", contest_.contestants[c].model, outcome.error().message);
      }
    }
    if (outcomes.empty()) return invalid("none of the models could be trained on this data; the warnings say why");
    const auto reference =
        std::ranges::find_if(outcomes, [](const Outcome& outcome) { return outcome.row.model == kReference; });
    if (reference != outcomes.end()) {
      for (const auto& outcome : outcomes) {
        if (&outcome != &*reference)
          add_differences(table_, prefix_, outcome.row.model, std::string(kReference), contest_.metrics,
                          outcome.per_user, reference->per_user);
      }
    }
    for (auto& outcome : outcomes) table_.rows.push_back(std::move(outcome.row));
    return {};
  }

 private:
  [[nodiscard]] const ItemFeatures* features() const { return data_.features.dim > 0 ? &data_.features : nullptr; }

  Result<Outcome> run(std::size_t c) {
    const auto& [model, given, tuned] = contest_.contestants[c];
    contest_.on_progress(model, c, contest_.contestants.size());
    Params params = given;
    if (tuned && contest_.budget_s > 0 && !data_.valid.empty()) {
      ZY_TRY(params, chosen(c));
    }
    ZY_TRY(const auto fitted,
           fit(model, params, {.interactions = data_.train, .features = features()}, contest_.seed, contest_.threads));
    if (!contest_.trec_out.empty()) {
      ZY_CHECK_OK(write_run(trec_folder(contest_), model, *fitted.model, data_.names, data_.test, contest_.threads));
    }
    auto scores = rank_all(*fitted.model, data_.test, contest_.metrics, contest_.threads);
    Outcome outcome{.row = {.block = contest_.block,
                            .data = data_.data,
                            .split_sha256 = data_.sha256,
                            .model = model,
                            .params = fitted.model->params(),
                            .metrics = {},
                            .ci95 = {},
                            .train_s = fitted.cost.wall_s,
                            .cpu_s = fitted.cost.cpu_s,
                            .peak_rss_mib = fitted.cost.peak_rss_mib},
                    .per_user = std::move(scores.per_user)};
    for (std::size_t m = 0; m < contest_.metrics.size(); ++m) {
      const auto& key = contest_.metrics[m];
      outcome.row.metrics.emplace_back(key.text(), scores.means[m]);
      if (key.per_user()) outcome.row.ci95.emplace_back(key.text(), bootstrap_mean(outcome.per_user[m], contest_.seed));
    }
    return outcome;
  }

  Result<Params> chosen(std::size_t c) {
    const auto& model = contest_.contestants[c].model;
    const auto objective = objective_of(contest_.metrics);
    // What is left is shared evenly, so a model that needs less than its share leaves the rest to those after it.
    const auto waiting = std::ranges::count_if(std::span(contest_.contestants).subspan(c), &Contestant::tune);
    const double left_s = std::max(0.0, contest_.budget_s - clock_.seconds());
    ZY_TRY(auto tuned, tune(model, {.interactions = data_.tuning_train, .features = features()}, data_.valid,
                            {.objective = objective,
                             .budget_s = left_s / static_cast<double>(waiting),
                             .seed = contest_.seed,
                             .threads = contest_.threads,
                             .on_trial = [&](int trial) {
                               contest_.on_progress(fmt::format("{}, trial {}", model, trial + 1), c,
                                                    contest_.contestants.size());
                             }}));
    table_.results.emplace_back(fmt::format("{}trials.{}", prefix_, model), tuned.trials);
    table_.results.emplace_back(fmt::format("{}valid.{}.{}", prefix_, model, objective.text()), tuned.objective);
    return std::move(tuned.params);
  }

  const HeldOut& data_;
  const Contest& contest_;
  Table& table_;
  std::string prefix_;
  Stopwatch clock_;
};

}  // namespace

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

Interactions matrix_of(const std::vector<UserRow>& rows, std::size_t items) {
  std::vector<Interaction> cells;
  UserIndex next = 0;  // users without events are none of the model's
  for (const auto& row : rows) {
    for (const auto& event : row) cells.push_back({next, event.item, 1.0F, event.time});
    if (!row.empty()) ++next;
  }
  return Interactions::from(cells, next, items);
}

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

std::size_t count_events(std::span<const RankingCase> cases) {
  std::size_t events = 0;
  for (const auto& one : cases) events += one.relevant.size();
  return events;
}

Result<std::vector<Contestant>> named(std::vector<Contestant> all, const std::vector<std::string>& models) {
  std::vector<std::string> known;
  for (const auto& contestant : all) known.push_back(contestant.model);
  ZY_CHECK_OK(check_in_table(models, known));
  if (!models.empty())
    std::erase_if(all, [&](const Contestant& each) { return std::ranges::find(models, each.model) == models.end(); });
  return all;
}

Result<void> add_rows(const HeldOut& data, const Contest& contest, Table& table) {
  if (data.test.empty()) return invalid("nobody is asked for anything: the cut leaves no test events");
  for (const auto& contestant : contest.contestants) ZY_CHECK_OK(make_model(contestant.model, contestant.params));
  if (!contest.trec_out.empty()) ZY_CHECK_OK(write_qrels(trec_folder(contest), data.names, data.test));
  return Rows(data, contest, table).add();
}

}  // namespace zhiyin
