#include "match/content/content_blend.h"

#include <algorithm>
#include <functional>

#include "base/kernels/vectors.h"
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

constexpr std::size_t kFew = 4;  // one item in so many may be untouched, for what is known of them to be kept twice

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
  few_.reset();
  if (untouched_.empty() || untouched_.size() > items() / kFew) return;
  Bitmap untouched(items());
  for (const auto item : untouched_) untouched.set(item);
  auto& few = few_.emplace();
  few.ranks = Ranks(std::move(untouched));
  few.lists = neighbours_.lists().of_some(few.ranks);
  if (kernel_.items() == 0) return;
  const auto dim = kernel_.dim();
  few.places.reserve(untouched_.size() * dim);
  for (const auto item : untouched_) {
    const auto place = kernel_.places().subspan(item * dim, dim);
    few.places.insert(few.places.end(), place.begin(), place.end());
  }
  few.spread = ProductSpread(few.places, dim);
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
  const bool known = few_ && std::ranges::all_of(some, [&](ItemIndex item) { return few_->ranks.has(item); });
  if (!known) return Model::score_some(history, some, scores);
  std::vector<std::uint32_t> numbers;
  numbers.reserve(some.size());
  for (const auto item : some) numbers.push_back(static_cast<std::uint32_t>(few_->ranks.rank(item)));
  std::vector<float> near(untouched_.size());
  few_->lists.score(history, near);
  const auto near_scale = standard_scale(near);
  for (std::size_t k = 0; k < some.size(); ++k) scores[k] = static_cast<float>(near_scale.of(near[numbers[k]]));
  if (kernel_.items() == 0) return;
  const auto profile = kernel_.profile(history);
  const auto scale = few_->spread.of(profile);
  const double weight = params_.at("kernel_weight");
  std::vector<float> predicted(some.size());
  picked_dots(few_->places.data(), kernel_.dim(), numbers, profile.data(), predicted.data());
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
