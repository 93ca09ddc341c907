#include "learn/eval/ranking.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/measure/top_k.h"
#include "base/threads.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

// A model asked about a few items only, by their position among them.
class AmongItems final : public Model {
 public:
  AmongItems(const Model& model, std::span<const ItemIndex> items) : model_(model), items_(items) {}
  [[nodiscard]] std::string_view name() const override { return model_.name(); }
  [[nodiscard]] Params params() const override { return model_.params(); }
  Result<void> train(const TrainingData&, const TrainContext&) override {
    return internal("only asks a trained model");
  }
  void score(const History& history, std::span<float> scores) const override {
    std::vector<float> all(model_.items());
    model_.score(history, all);
    std::ranges::transform(items_, scores.begin(), [&](ItemIndex item) { return all[item]; });
  }
  [[nodiscard]] std::size_t items() const override { return items_.size(); }
  void save(Tensors& tensors) const override { model_.save(tensors); }
  Result<void> load(const Tensors&) override { return internal("only asks a trained model"); }

 private:
  const Model& model_;
  std::span<const ItemIndex> items_;
};

}  // namespace

RankingScores rank_all(const Model& model, std::span<const RankingCase> cases, std::span<const MetricKey> metrics,
                       int threads) {
  assert(!cases.empty());
  const auto longest = std::ranges::max(metrics, {}, &MetricKey::k).k;
  RankingScores scores{.per_user = std::vector<std::vector<double>>(metrics.size()),
                       .means = std::vector<double>(metrics.size())};
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    if (metrics[m].per_user()) scores.per_user[m].resize(cases.size());
  }
  std::vector<std::vector<std::uint32_t>> lists(cases.size());
  parallel_for(cases.size(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> item_scores(model.items());
    std::vector<std::uint8_t> hits;
    for (auto i = begin; i < end; ++i) {
      model.score(cases[i].history, item_scores);
      top_k(item_scores, cases[i].masked, longest, lists[i]);
      mark_hits(lists[i], cases[i].relevant, hits);
      for (std::size_t m = 0; m < metrics.size(); ++m) {
        if (metrics[m].per_user()) scores.per_user[m][i] = metric_of_list(metrics[m], hits, cases[i].relevant.size());
      }
    }
  });
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    const auto& values = scores.per_user[m];
    scores.means[m] = metrics[m].per_user()
                          ? std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size())
                          : coverage_of_lists(lists, metrics[m].k, model.items());
  }
  return scores;
}

RankingScores rank_among(const Model& model, std::span<const ItemIndex> items, std::span<const RankingCase> cases,
                         std::span<const MetricKey> metrics, int threads) {
  return rank_all(AmongItems(model, items), cases, metrics, threads);
}

Result<Fit> fit(std::string_view model, const Params& params, const TrainingData& data, std::uint64_t seed,
                int threads) {
  ZY_TRY(auto made, make_model(model, params));
  const Meter meter;
  ZY_CHECK_OK(made->train(data, {.seed = seed, .threads = threads}).in(model));
  return Fit{.model = std::move(made), .cost = meter.stop()};
}

Result<void> check_models(std::span<const std::string> models, const ModelParams& params) {
  for (const auto& model : models) {
    const auto given = params.find(model);
    ZY_CHECK_OK(make_model(model, given == params.end() ? Params{} : given->second));
  }
  for (const auto& [model, settings] : params) {
    if (std::ranges::find(models, model) == models.end()) {
      return invalid(fmt::format("settings are given for {}, which is not among the models of this table", model),
                     "params");
    }
  }
  return {};
}

Result<void> check_in_table(std::span<const std::string> models, std::span<const std::string> known) {
  for (const auto& model : models) {
    if (std::ranges::find(known, model) == known.end())
      return invalid(fmt::format("{} is not in this table, which has {}", model, fmt::join(known, ", ")), "models");
  }
  return {};
}

}  // namespace zhiyin
