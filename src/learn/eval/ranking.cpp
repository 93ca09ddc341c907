#include "learn/eval/ranking.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/measure/top_k.h"
#include "base/text.h"
#include "base/threads.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

std::size_t longest_of(std::span<const MetricKey> metrics) { return std::ranges::max(metrics, {}, &MetricKey::k).k; }

}  // namespace

RankedLists ranked_lists(const CaseScorer& score, std::size_t items, std::span<const RankingCase> cases,
                         std::size_t longest, int threads) {
  RankedLists lists(cases.size());
  parallel_for(cases.size(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> scores(items);
    for (auto i = begin; i < end; ++i) {
      score(i, scores);
      top_k(scores, cases[i].masked, longest, lists[i]);
    }
  });
  return lists;
}

RankingScores scores_of_lists(const RankedLists& lists, std::size_t items, std::span<const RankingCase> cases,
                              std::span<const MetricKey> metrics) {
  assert(!cases.empty() && lists.size() == cases.size());
  RankingScores scores{.per_user = std::vector<std::vector<double>>(metrics.size()),
                       .means = std::vector<double>(metrics.size())};
  std::vector<std::uint8_t> hits;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    mark_hits(lists[i], cases[i].relevant, hits);
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      if (metrics[m].per_user())
        scores.per_user[m].push_back(metric_of_list(metrics[m], hits, cases[i].relevant.size()));
    }
  }
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    const auto& values = scores.per_user[m];
    scores.means[m] = metrics[m].per_user()
                          ? std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size())
                          : coverage_of_lists(lists, metrics[m].k, items);
  }
  return scores;
}

RankingScores rank_all(const Model& model, std::span<const RankingCase> cases, std::span<const MetricKey> metrics,
                       int threads) {
  const auto score = [&](std::size_t which, std::span<float> scores) { model.score(cases[which].history, scores); };
  const auto lists = ranked_lists(score, model.items(), cases, longest_of(metrics), threads);
  return scores_of_lists(lists, model.items(), cases, metrics);
}

RankingScores rank_among(const Model& model, std::span<const ItemIndex> items, std::span<const RankingCase> cases,
                         std::span<const MetricKey> metrics, int threads) {
  const auto score = [&](std::size_t which, std::span<float> scores) {
    std::vector<float> all(model.items());
    model.score(cases[which].history, all);
    std::ranges::transform(items, scores.begin(), [&](ItemIndex item) { return all[item]; });
  };
  const auto lists = ranked_lists(score, items.size(), cases, longest_of(metrics), threads);
  return scores_of_lists(lists, items.size(), cases, metrics);
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
  return check_params(models, params);
}

Result<void> check_params(std::span<const std::string> models, const ModelParams& params) {
  for (const auto& [model, settings] : params) {
    if (std::ranges::find(models, model) != models.end()) continue;
    return invalid(fmt::format("settings are given for {}, which is not among the models of this table: {}; did you "
                               "mean {}?",
                               model, fmt::join(models, ", "), nearest_name(model, models)),
                   "params");
  }
  return {};
}

Result<void> check_in_table(std::span<const std::string> models, std::span<const std::string> known) {
  for (const auto& model : models) {
    if (std::ranges::find(known, model) == known.end())
      return invalid(fmt::format("{} is not in this table, which has {}; did you mean {}?", model,
                                 fmt::join(known, ", "), nearest_name(model, known)),
                     "models");
  }
  return {};
}

}  // namespace zhiyin
