#include "learn/eval/ranking.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/measure/top_k.h"
#include "base/threads.h"
#include "match/registry.h"

namespace zhiyin {

RankingScores rank_all(const Model& model, std::span<const RankingCase> cases, std::span<const MetricKey> metrics,
                       int threads) {
  assert(!cases.empty());
  const auto longest = std::ranges::max(metrics, {}, &MetricKey::k).k;
  RankingScores scores{.per_user = std::vector<std::vector<double>>(metrics.size()), .means = std::vector<double>(metrics.size())};
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

Result<Fit> fit(std::string_view model, const Params& params, const TrainingData& data, std::uint64_t seed, int threads) {
  ZY_TRY(auto made, make_model(model, params));
  const Meter meter;
  ZY_CHECK_OK(made->train(data, {.seed = seed, .threads = threads}).in(model));
  return Fit{.model = std::move(made), .cost = meter.stop()};
}

Result<void> add_model_param(std::string_view text, ModelParams& params) {
  const auto colon = text.find(':');
  const auto equals = text.find('=', colon == std::string_view::npos ? 0 : colon);
  double value = 0;
  bool number = false;
  if (colon != std::string_view::npos && equals != std::string_view::npos) {
    const auto digits = text.substr(equals + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    number = error == std::errc{} && end == digits.data() + digits.size() && std::isfinite(value);
  }
  if (!number || colon == 0 || equals == colon + 1) {
    return invalid(fmt::format("\"{}\" is no setting: write MODEL:key=number, such as ials:factors=128", text), "params");
  }
  params[std::string(text.substr(0, colon))][std::string(text.substr(colon + 1, equals - colon - 1))] = value;
  return {};
}

Result<std::vector<std::string>> parse_model_names(std::string_view text) {
  const auto known = model_names();
  std::vector<std::string> names;
  while (true) {
    const auto comma = text.find(',');
    const auto name = text.substr(0, comma);
    if (std::ranges::find(known, name) == known.end()) {
      return invalid(fmt::format("model \"{}\" is not known; there are {}", name, fmt::join(known, ", ")), "models");
    }
    if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
    if (comma == std::string_view::npos) return names;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace zhiyin
