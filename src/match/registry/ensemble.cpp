#include "match/registry/ensemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"
#include "match/registry/blend_search.h"
#include "match/standard_score.h"

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, 8> kCandidates = {"ials",    "ease",    "spectral", "itemknn",
                                                         "rp3beta", "userknn", "markov",   "slist"};
constexpr std::size_t kMostWithheld = 2000;  // users

}  // namespace

std::span<const ParamRange> Ensemble::settings() {
  static const auto names = [] {
    std::vector<std::pair<std::string, ParamRange>> all;
    for (const auto candidate : kCandidates) {
      for (auto range : param_ranges(candidate)) all.emplace_back(fmt::format("{}.{}", candidate, range.name), range);
    }
    return all;
  }();
  static const auto all = [] {
    std::vector<ParamRange> ranges{{"next_item", 0, 1, false, 0}};
    for (const auto candidate : kCandidates) ranges.push_back({candidate, 0, 1, false, 1});
    for (const auto& [name, range] : names) {
      ranges.push_back(range);
      ranges.back().name = name;
    }
    return ranges;
  }();
  return all;
}

Result<std::unique_ptr<Model>> Ensemble::make_part(std::string_view name) const {
  Params own;
  for (const auto& range : param_ranges(name)) {
    const auto given = params_.find(fmt::format("{}.{}", name, range.name));
    if (given != params_.end()) own[std::string(range.name)] = given->second;
  }
  return make_model(name, own);
}

Result<void> Ensemble::train(const TrainingData& data, const TrainContext& context) {
  Interactions rest;
  auto withheld =
      BlendSearch::withhold(data.interactions, params_.at("next_item") >= 0.5, kMostWithheld, context.seed, rest);
  if (withheld.empty()) return invalid("nobody has two events: there is nothing to choose the parts of an ensemble by");
  BlendSearch search(std::move(withheld));
  const TrainContext quiet{.seed = context.seed, .threads = context.threads};
  std::vector<std::string_view> names;
  std::vector<std::unique_ptr<Model>> trained;
  for (const auto candidate : kCandidates) {
    if (params_.at(std::string(candidate)) < 0.5) continue;
    ZY_TRY(auto model, make_part(candidate));
    if (const auto fitted = model->train({rest, data.features, data.tower}, quiet); !fitted.ok()) {
      log_debug("ensemble: {} takes no part: {}", candidate, fitted.error().message);
      continue;
    }
    search.gather(*model, context.threads);
    names.push_back(candidate);
    trained.push_back(std::move(model));
  }
  for (const auto& model : trained) search.listen(*model, context.threads);
  trained.clear();

  std::vector<double> means;
  parts_.clear();
  for (const auto& [candidate, weight] : search.choose(&means)) {
    ZY_TRY(auto model, make_part(names[candidate]));
    ZY_CHECK_OK(model->train(data, quiet).in(names[candidate]));
    log_debug("ensemble: {} at {:.2g}, ndcg@20 {:.4f}", names[candidate], weight, means[parts_.size()]);
    parts_.push_back({std::move(model), weight});
  }
  if (parts_.empty()) return invalid("ensemble: none of the parts could be trained on this data");
  return {};
}

void Ensemble::score(const History& history, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  std::vector<float> part(scores.size());
  for (const auto& [model, weight] : parts_) {
    model->score(history, part);
    const auto scale = static_cast<float>(weight * standard_scale(part).factor);
    for (std::size_t item = 0; item < part.size(); ++item) scores[item] += scale * part[item];
  }
}

std::vector<Contribution> Ensemble::explain(const History& history, ItemIndex item) const {
  std::vector<float> scores(items());
  std::vector<double> shares(history.items.size(), 0);
  bool any = false;
  for (const auto& [model, weight] : parts_) {
    const auto contributions = model->explain(history, item);
    if (contributions.empty()) continue;
    any = true;
    model->score(history, scores);
    const double scale = weight * standard_scale(scores).factor;
    for (const auto& [from, share] : contributions) {
      const auto at = std::ranges::find(history.items, from) - history.items.begin();
      shares[static_cast<std::size_t>(at)] += scale * share;
    }
  }
  if (!any) return {};
  std::vector<Contribution> all;
  for (std::size_t h = 0; h < shares.size(); ++h) all.push_back({history.items[h], static_cast<float>(shares[h])});
  std::ranges::stable_sort(all, std::greater{}, &Contribution::share);
  return all;
}

void Ensemble::save(Tensors& tensors) const {
  std::string names;
  std::vector<float> weights;
  for (const auto& [model, weight] : parts_) {
    Tensors own;
    model->save(own);
    const auto prefix = std::string(model->name()) + ".";
    for (const auto& [name, tensor] : own.all()) tensors.put(prefix + name, tensor);
    for (const auto& [name, text] : own.metadata) tensors.metadata[prefix + name] = text;
    names += (names.empty() ? "" : " ") + std::string(model->name());
    weights.push_back(weight);
  }
  tensors.metadata["parts"] = names;
  tensors.put("weights", Tensor::from<float>({weights.size()}, weights));
}

Result<void> Ensemble::load(const Tensors& tensors) {
  ZY_TRY(const auto weights, tensors.get("weights", DType::kF32, std::array<std::size_t, 1>{0}));
  const auto listed = tensors.metadata.find("parts");
  std::vector<std::string_view> names;
  if (listed != tensors.metadata.end()) names = split(listed->second, ' ');
  if (names.size() != weights.size() || names.empty()) return corrupt("the list of parts does not fit the weights");
  parts_.clear();
  for (std::size_t p = 0; p < names.size(); ++p) {
    const auto prefix = std::string(names[p]) + ".";
    Tensors own;
    for (const auto& [name, tensor] : tensors.all()) {
      if (name.starts_with(prefix)) own.put(name.substr(prefix.size()), tensor);
    }
    for (const auto& [name, text] : tensors.metadata) {
      if (name.starts_with(prefix)) own.metadata[name.substr(prefix.size())] = text;
    }
    ZY_TRY(auto model, make_part(names[p]));
    ZY_CHECK_OK(model->load(own).in(names[p]));
    if (!parts_.empty() && model->items() != items()) return corrupt("the parts know different numbers of items");
    parts_.push_back({std::move(model), weights.as<float>()[p]});
  }
  return {};
}

}  // namespace zhiyin
