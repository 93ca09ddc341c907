#include "match/content/content_blend.h"

#include <algorithm>
#include <functional>

#include "match/standard_score.h"

namespace zhiyin {
namespace {

template <std::size_t N>
Params only(const std::array<ParamRange, N>& ranges, const Params& given) {
  Params params;
  for (const auto& range : ranges) {
    const auto found = given.find(range.name);
    params[std::string(range.name)] = found == given.end() ? range.initial : found->second;
  }
  return params;
}

double mean_among(std::span<const float> scores, std::span<const ItemIndex> among) {
  return standard_scale(scores, among).mean;
}

}  // namespace

// ContentKnn has a setting called power as well; it keeps its default, for here the word is the kernel's.
ContentBlend::ContentBlend(const Params& params)
    : params_(params),
      neighbours_(only(ContentKnn::kRanges, {{"neighbours", params.at("neighbours")}})),
      kernel_(only(ContentKernel::kRanges, params)) {}

Result<void> ContentBlend::train(const TrainingData& data, const TrainContext& context) {
  ZY_CHECK_OK(neighbours_.train(data, context));
  if (data.interactions.size() > 0) ZY_CHECK_OK(kernel_.train(data, context));
  untouched_.clear();
  const auto counts = data.interactions.item_counts();
  for (ItemIndex item = 0; item < counts.size(); ++item) {
    if (counts[item] == 0) untouched_.push_back(item);
  }
  if (untouched_.size() < 2) untouched_.clear();  // a single one has no deviation
  prepare();
  return {};
}

void ContentBlend::prepare() {
  Bitmap untouched(items());
  for (const auto item : untouched_) untouched.set(item);
  untouched_ranks_ = Ranks(std::move(untouched));
  if (kernel_.items() > 0) kernel_spread_ = ProductSpread(kernel_.places(), kernel_.dim(), untouched_);
}

void ContentBlend::score(const History& history, std::span<float> scores) const {
  neighbours_.score(history, scores);
  const auto near = standard_scale(scores, untouched_);
  for (auto& score : scores) score = static_cast<float>(near.of(score));
  if (kernel_.items() == 0) return;
  std::vector<float> predicted(items());
  kernel_.score(history, predicted);
  const auto scale = standard_scale(predicted, untouched_);
  for (std::size_t item = 0; item < scores.size(); ++item) {
    scores[item] += static_cast<float>(params_.at("kernel_weight") * scale.of(predicted[item]));
  }
}

void ContentBlend::score_some(const History& history, std::span<const ItemIndex> some, std::span<float> scores) const {
  if (untouched_.empty()) return Model::score_some(history, some, scores);  // mean and deviation are of all items
  std::vector<float> near(untouched_.size(), 0);
  neighbours_.lists().each_share(history, [&](ItemIndex item, float share) {
    if (untouched_ranks_.has(item)) near[untouched_ranks_.rank(item)] += share;
  });
  const auto near_scale = standard_scale(near);
  std::vector<float> others;  // of all items, if some were touched
  for (std::size_t k = 0; k < some.size(); ++k) {
    const bool is_untouched = untouched_ranks_.has(some[k]);
    if (!is_untouched && others.empty()) {
      others.resize(items());
      neighbours_.score(history, others);
    }
    scores[k] =
        static_cast<float>(near_scale.of(is_untouched ? near[untouched_ranks_.rank(some[k])] : others[some[k]]));
  }
  if (kernel_.items() == 0) return;
  const auto scale = kernel_spread_.of(kernel_.profile(history));
  std::vector<float> predicted(some.size());
  kernel_.score_some(history, some, predicted);
  const double weight = params_.at("kernel_weight");
  for (std::size_t k = 0; k < some.size(); ++k) scores[k] += static_cast<float>(weight * scale.of(predicted[k]));
}

std::vector<Contribution> ContentBlend::explain(const History& history, ItemIndex item) const {
  std::vector<double> shares(history.items.size(), 0);
  std::vector<float> scores(items());
  const auto add = [&](const Model& model, double weight) {
    model.score(history, scores);
    const double factor = weight * standard_scale(scores, untouched_).factor;
    for (std::size_t h = 0; h < history.items.size(); ++h) {
      model.score({{history.items[h]}, {history.weights[h]}, {}}, scores);
      shares[h] += factor * (scores[item] - mean_among(scores, untouched_));
    }
  };
  add(neighbours_, 1);
  if (kernel_.items() > 0) add(kernel_, params_.at("kernel_weight"));
  std::vector<Contribution> contributions;
  for (std::size_t h = 0; h < history.items.size(); ++h)
    contributions.push_back({history.items[h], static_cast<float>(shares[h])});
  std::ranges::stable_sort(contributions, std::greater{}, &Contribution::share);
  return contributions;
}

void ContentBlend::save(Tensors& tensors) const {
  neighbours_.save(tensors);
  if (kernel_.items() > 0) kernel_.save(tensors);
  const std::array<float, 1> weight = {static_cast<float>(params_.at("kernel_weight"))};
  tensors.put("kernel_weight", Tensor::from<float>({1}, weight));
  tensors.put("untouched", Tensor::from<ItemIndex>({untouched_.size()}, untouched_));
}

Result<void> ContentBlend::load(const Tensors& tensors) {
  ZY_CHECK_OK(neighbours_.load(tensors));
  ZY_TRY(const auto weight, tensors.get("kernel_weight", DType::kF32, std::array<std::size_t, 1>{1}));
  ZY_TRY(const auto untouched, tensors.get("untouched", DType::kU32, std::array<std::size_t, 1>{0}));
  if (tensors.has("places")) ZY_CHECK_OK(kernel_.load(tensors));
  const auto listed = untouched.as<ItemIndex>();
  if (kernel_.items() > 0 && kernel_.items() != items())
    return corrupt("the two models know different numbers of items");
  if (!std::ranges::all_of(listed, [&](ItemIndex item) { return item < items(); }))
    return corrupt("untouched names items beyond the last");
  if (std::ranges::adjacent_find(listed, std::greater_equal{}) != listed.end())
    return corrupt("untouched is not ascending");
  if (!(weight.as<float>()[0] >= 0)) return corrupt("kernel_weight is negative");
  params_["kernel_weight"] = weight.as<float>()[0];
  untouched_.assign(listed.begin(), listed.end());
  prepare();
  return {};
}

}  // namespace zhiyin
