#include "learn/eval/t7.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/measure/chances.h"
#include "base/random.h"
#include "match/rank/calibration.h"

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, 4> kMetrics = {"auc", "gauc", "logloss", "ece"};
constexpr int kResamples = 200;
constexpr std::size_t kTrainings = 3;  // seeds; where training stops is chance, and moves auc by .001

std::array<double, 4> measured(std::span<const float> chances, std::span<const float> labels,
                               std::span<const std::uint32_t> users) {
  return {auc(chances, labels), grouped_auc(chances, labels, users), log_loss(chances, labels),
          calibration_error(chances, labels)};
}

// Users drawn again with replacement, as the rows that they have: the same draws for every model.
class Draws {
 public:
  Draws(std::span<const std::uint32_t> users, std::uint64_t seed) {
    std::map<std::uint32_t, std::vector<std::size_t>> rows;
    for (std::size_t r = 0; r < users.size(); ++r) rows[users[r]].push_back(r);
    std::vector<const std::vector<std::size_t>*> all;
    for (const auto& [user, own] : rows) all.push_back(&own);
    Random random(seed, 12);
    for (int k = 0; k < kResamples; ++k) {
      auto& draw = draws_.emplace_back();
      for (std::size_t u = 0; u < all.size(); ++u) {
        const auto& own = *all[random.below(static_cast<std::uint32_t>(all.size()))];
        draw.insert(draw.end(), own.begin(), own.end());
      }
    }
  }

  // auc of each draw.
  [[nodiscard]] std::vector<double> aucs(std::span<const float> chances, std::span<const float> labels) const {
    std::vector<double> all;
    std::vector<float> drawn;
    std::vector<float> truth;
    for (const auto& draw : draws_) {
      drawn.clear();
      truth.clear();
      for (const auto r : draw) {
        drawn.push_back(chances[r]);
        truth.push_back(labels[r]);
      }
      all.push_back(auc(drawn, truth));
    }
    return all;
  }

 private:
  std::vector<std::vector<std::size_t>> draws_;
};

Interval middle_95(std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return {at(0.025), at(0.975)};
}

// One training: its rows in the blocks main, valid and uncalibrated, and the calibrated chances of the test part.
struct Trained {
  std::vector<Row> rows;
  std::vector<float> chances;
};

Result<Trained> train_once(const T7Data& data, const std::string& model, const Params& params, std::uint64_t seed,
                           int threads) {
  ZY_TRY(const auto ranker, make_ranker(model, params));
  const Meter meter;
  ZY_CHECK_OK(ranker->train(data.train, data.valid, {.seed = seed, .threads = threads}).in(model));
  const auto cost = meter.stop();
  const auto valid = ranker->predict(data.valid);
  const auto raw = ranker->predict(data.test);
  const auto calibration = Calibration::fit(valid, data.valid.labels, data.valid_users);
  Trained trained{.rows = {}, .chances = raw};
  for (auto& chance : trained.chances) chance = calibration.of(chance);
  const auto add = [&](std::string_view block, std::span<const float> predicted, const ImpressionRows& part,
                       std::span<const std::uint32_t> users) {
    auto& row = trained.rows.emplace_back();
    row.block = block;
    row.data = "ml-100k";
    row.split_sha256 = data.sha256;
    row.model = model;
    row.params = ranker->params();
    row.train_s = cost.wall_s;
    row.cpu_s = cost.cpu_s;
    row.peak_rss_mib = cost.peak_rss_mib;
    const auto values = measured(predicted, part.labels, users);
    for (std::size_t k = 0; k < kMetrics.size(); ++k) row.metrics.emplace_back(kMetrics[k], values[k]);
  };
  add("main", trained.chances, data.test, data.test_users);
  add("valid", valid, data.valid, data.valid_users);
  add("uncalibrated", raw, data.test, data.test_users);
  return trained;
}

void scale(Row& row, double factor) {
  for (auto& [name, value] : row.metrics) value *= factor;
  row.train_s *= factor;
  row.cpu_s *= factor;
}

void add(Row& row, const Row& other) {
  for (std::size_t k = 0; k < row.metrics.size(); ++k) row.metrics[k].second += other.metrics[k].second;
  row.train_s += other.train_s;
  row.cpu_s += other.cpu_s;
}

Result<void> check_rankers(const std::vector<std::string>& models, const ModelParams& params) {
  for (const auto& model : models) {
    const auto given = params.find(model);
    ZY_CHECK_OK(make_ranker(model, given == params.end() ? Params{} : given->second));
  }
  return check_params(models, params);
}

}  // namespace

Result<Table> evaluate_t7(const T7Options& options) {
  auto models = options.models;
  if (models.empty()) models = {"logistic", "fm", "dcn"};
  ZY_CHECK_OK(check_rankers(models, options.params).in("t7"));
  ZY_TRY(const auto data, load_t7(options.data).in("t7"));
  Table table{.name = "t7", .seed = options.seed, .machine = this_machine(options.threads)};
  table.results = {{"train_rows", data.train.rows()},
                   {"valid_rows", data.valid.rows()},
                   {"test_rows", data.test.rows()},
                   {"features", data.test.field_of.size()}};
  const Draws draws(data.test_users, options.seed);
  std::vector<Row> parts;  // the blocks beside main
  std::vector<double> before;
  for (std::size_t m = 0; m < models.size(); ++m) {
    const auto given = options.params.find(models[m]);
    const auto& params = given == options.params.end() ? Params{} : given->second;
    std::vector<double> aucs(kResamples, 0);
    std::vector<Row> rows;  // one a block, means over the seeds
    for (std::size_t s = 0; s < kTrainings; ++s) {
      options.on_progress(models[m], m * kTrainings + s, models.size() * kTrainings);
      ZY_TRY(const auto trained, train_once(data, models[m], params, options.seed + s, options.threads));
      for (std::size_t k = 0; k < trained.rows.size(); ++k) {
        if (s == 0) {
          rows.push_back(trained.rows[k]);
          scale(rows[k], 0);
        }
        add(rows[k], trained.rows[k]);
      }
      parts.push_back(trained.rows.front());
      parts.back().block = fmt::format("seed-{}", options.seed + s);
      const auto drawn = draws.aucs(trained.chances, data.test.labels);
      for (std::size_t k = 0; k < aucs.size(); ++k) aucs[k] += drawn[k] / kTrainings;
    }
    for (auto& row : rows) scale(row, 1.0 / kTrainings);
    rows.front().ci95 = {{"auc", middle_95(aucs)}};
    table.rows.push_back(rows.front());
    parts.insert(parts.end(), rows.begin() + 1, rows.end());
    if (m > 0) {
      auto difference = aucs;
      for (std::size_t k = 0; k < difference.size(); ++k) difference[k] -= before[k];
      const auto interval = middle_95(std::move(difference));
      const auto name = fmt::format("difference.{}-{}.auc", models[m], models[m - 1]);
      table.results.emplace_back(name, table.rows[m].metrics.front().second - table.rows[m - 1].metrics.front().second);
      table.results.emplace_back(name + ".low", interval.low);
      table.results.emplace_back(name + ".high", interval.high);
    }
    before = std::move(aucs);
  }
  std::ranges::stable_sort(parts, {}, &Row::block);
  table.rows.insert(table.rows.end(), parts.begin(), parts.end());
  return table;
}

}  // namespace zhiyin
