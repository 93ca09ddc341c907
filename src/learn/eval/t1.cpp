#include "learn/eval/t1.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/file.h"
#include "learn/eval/t1_split.h"

namespace zhiyin {
namespace {

constexpr std::string_view kDefaultMetrics = "min_recall@20,min_recall@50,recall@20,ndcg@100,coverage@20,coverage@100";
constexpr std::string_view kReference = "ials";  // whom the others are compared with

// What one model did on the folds of one seed.
struct SeedRun {
  Params params;
  std::vector<RankingScores> folds;
  std::vector<Meter::Cost> costs;
};

std::vector<Interaction> training_events(const T1Data& data, const std::vector<T1Case>& fold) {
  std::vector<Interaction> events;
  UserIndex next = 0;  // models count users, so those held out leave no gap
  auto held_out = fold.begin();
  for (UserIndex user = 0; user < data.rows.size(); ++user) {
    if (held_out != fold.end() && held_out->user == user) {
      ++held_out;
      continue;
    }
    for (const auto& event : data.rows[user]) events.push_back({next, event.item, 1.0F, event.time});
    ++next;
  }
  return events;
}

std::vector<RankingCase> ranking_cases(const std::vector<T1Case>& fold) {
  std::vector<RankingCase> cases;
  for (const auto& held : fold) {
    cases.push_back(
        {.history = history_of(held.shown), .masked = items_of(held.shown), .relevant = items_of(held.asked)});
  }
  return cases;
}

// Each user's value, by user, such that their plain mean is the mean over folds (whose sizes may differ by one).
std::vector<double> values_by_user(const SeedRun& run, const T1Split& split, std::size_t metric, std::size_t users) {
  std::vector<double> values(users, 0.0);
  for (std::size_t fold = 0; fold < split.size(); ++fold) {
    const double scale = static_cast<double>(users) / static_cast<double>(split.size() * split[fold].size());
    for (std::size_t i = 0; i < split[fold].size(); ++i) {
      values[split[fold][i].user] = scale * run.folds[fold].per_user[metric][i];
    }
  }
  return values;
}

void set_costs(Row& row, std::span<const Meter::Cost> costs) {
  for (const auto& cost : costs) {
    row.train_s += cost.wall_s / static_cast<double>(costs.size());
    row.cpu_s += cost.cpu_s / static_cast<double>(costs.size());
    row.peak_rss_mib = std::max(row.peak_rss_mib, cost.peak_rss_mib);
  }
}

// The whole table, filled model by model.
class T1 {
 public:
  T1(const T1Options& options, const T1Data& data, std::vector<MetricKey> metrics)
      : options_(options), data_(data), metrics_(std::move(metrics)) {}

  Result<Table> run() {
    for (const auto seed : options_.seeds) {
      splits_.push_back(split_t1(data_, seed));
      ZY_TRY(hashes_.emplace_back(), keep_split(data_, splits_.back(), seed, options_.split_folder));
    }
    std::vector<std::vector<SeedRun>> runs;  // by model, then seed
    for (const auto& model : options_.models) {
      auto& of_model = runs.emplace_back();
      for (std::size_t s = 0; s < options_.seeds.size(); ++s) {
        ZY_TRY(of_model.emplace_back(), run_folds(model, s));
      }
    }
    Table table{.name = "t1", .seed = options_.seeds.front(), .machine = this_machine(options_.threads)};
    for (std::size_t m = 0; m < runs.size(); ++m) table.rows.push_back(main_row(m, runs[m]));
    for (std::size_t s = 0; s < options_.seeds.size(); ++s) {
      if (options_.seeds.size() > 1) {
        for (std::size_t m = 0; m < runs.size(); ++m) table.rows.push_back(seed_row(m, runs[m], s));
      } else {
        add_fold_rows(table, runs);
      }
    }
    add_results(table);
    return table;
  }

 private:
  Result<SeedRun> run_folds(const std::string& model, std::size_t s) {
    SeedRun run;
    const auto fixed = options_.params.find(model);
    for (const auto& fold : splits_[s]) {
      options_.on_progress(model, steps_done_++, options_.models.size() * options_.seeds.size() * splits_[s].size());
      const auto events = training_events(data_, fold);
      const auto interactions = Interactions::from(events, data_.rows.size() - fold.size(), data_.ids.items.size());
      ZY_TRY(const auto fitted, fit(model, fixed == options_.params.end() ? Params{} : fixed->second,
                                    {.interactions = interactions}, options_.seeds[s], options_.threads));
      run.params = fitted.model->params();
      run.costs.push_back(fitted.cost);
      run.folds.push_back(rank_all(*fitted.model, ranking_cases(fold), metrics_, options_.threads));
    }
    return run;
  }

  Row empty_row(std::string block, std::size_t m, const Params& params) const {
    return {.block = std::move(block),
            .data = data_.name,
            .split_sha256 = {},
            .model = options_.models[m],
            .params = params};
  }

  void set_metric(Row& row, const MetricKey& key, double mean, const std::vector<double>& values) const {
    row.metrics.emplace_back(key.text(), mean);
    if (key.per_user()) row.ci95.emplace_back(key.text(), bootstrap_mean(values, options_.seeds.front()));
  }

  // Mean over the given seeds' folds. A user's value is their mean over seeds: users are what the interval draws again.
  void fill(Row& row, const std::vector<SeedRun>& runs, std::span<const std::size_t> seeds,
            std::vector<std::vector<double>>* keep_values) const {
    for (std::size_t k = 0; k < metrics_.size(); ++k) {
      double mean = 0;
      std::vector<double> values(data_.rows.size(), 0.0);
      for (const auto s : seeds) {
        for (const auto& fold : runs[s].folds)
          mean += fold.means[k] / static_cast<double>(runs[s].folds.size() * seeds.size());
        if (!metrics_[k].per_user()) continue;
        const auto of_seed = values_by_user(runs[s], splits_[s], k, data_.rows.size());
        for (std::size_t user = 0; user < values.size(); ++user)
          values[user] += of_seed[user] / static_cast<double>(seeds.size());
      }
      set_metric(row, metrics_[k], mean, values);
      if (keep_values != nullptr) keep_values->push_back(std::move(values));
    }
    std::vector<Meter::Cost> costs;
    for (const auto s : seeds) costs.insert(costs.end(), runs[s].costs.begin(), runs[s].costs.end());
    set_costs(row, costs);
  }

  Row main_row(std::size_t m, const std::vector<SeedRun>& runs) {
    auto row = empty_row("main", m, runs.front().params);
    std::string all;
    for (const auto& hash : hashes_) all += hash + '\n';
    row.split_sha256 = hashes_.size() == 1 ? hashes_.front() : sha256_hex(all);
    std::vector<std::size_t> seeds(runs.size());
    std::iota(seeds.begin(), seeds.end(), std::size_t{0});
    fill(row, runs, seeds, &main_values_.emplace_back());
    return row;
  }

  Row seed_row(std::size_t m, const std::vector<SeedRun>& runs, std::size_t s) const {
    auto row = empty_row(fmt::format("seed-{}", options_.seeds[s]), m, runs[s].params);
    row.split_sha256 = hashes_[s];
    fill(row, runs, std::span(&s, 1), nullptr);
    return row;
  }

  void add_fold_rows(Table& table, const std::vector<std::vector<SeedRun>>& runs) const {
    for (std::size_t fold = 0; fold < splits_.front().size(); ++fold) {
      for (std::size_t m = 0; m < runs.size(); ++m) {
        const auto& run = runs[m].front();
        auto row = empty_row(fmt::format("fold-{}", fold), m, run.params);
        row.split_sha256 = hashes_.front();
        for (std::size_t k = 0; k < metrics_.size(); ++k) {
          set_metric(row, metrics_[k], run.folds[fold].means[k], run.folds[fold].per_user[k]);
        }
        set_costs(row, std::span(&run.costs[fold], 1));
        table.rows.push_back(std::move(row));
      }
    }
  }

  void add_results(Table& table) const {
    const auto events = std::accumulate(data_.rows.begin(), data_.rows.end(), std::size_t{0},
                                        [](std::size_t sum, const UserRow& row) { return sum + row.size(); });
    table.results = {{"users", data_.rows.size()}, {"items", data_.ids.items.size()}, {"interactions", events}};
    const auto reference = std::ranges::find(options_.models, kReference);
    if (reference == options_.models.end()) return;
    const auto& of_reference = main_values_[static_cast<std::size_t>(reference - options_.models.begin())];
    for (std::size_t m = 0; m < options_.models.size(); ++m) {
      if (options_.models[m] == kReference) continue;
      add_differences(table, "", options_.models[m], std::string(kReference), metrics_, main_values_[m], of_reference);
    }
  }

  const T1Options& options_;
  const T1Data& data_;
  std::vector<MetricKey> metrics_;
  std::vector<T1Split> splits_;      // by seed
  std::vector<std::string> hashes_;  // by seed
  std::size_t steps_done_ = 0;
  std::vector<std::vector<std::vector<double>>> main_values_;  // by model, metric, user
};

}  // namespace

Result<Table> evaluate_t1(const T1Options& options) {
  ZY_CHECK_OK(check_models(options.models, options.params));
  ZY_TRY(const auto data, load_t1(options.data));
  auto metrics = options.metrics;
  if (metrics.empty()) {
    ZY_TRY(metrics, parse_metric_keys(kDefaultMetrics));
  }
  return T1(options, data, std::move(metrics)).run().in("t1");
}

}  // namespace zhiyin
