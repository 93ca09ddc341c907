#include "match/linear/spectral.h"

#include <algorithm>

#include "base/kernels/vectors.h"
#include "match/linear/co_occurrence.h"
#include "match/standard_score.h"

namespace zhiyin {
namespace {

std::vector<float> damped(std::span<const float> profile, std::span<const float> damping) {
  std::vector<float> product(profile.size());
  std::ranges::transform(profile, damping, product.begin(), std::multiplies{});
  return product;
}

}  // namespace

void Spectral::suit_to(const Interactions& interactions) {
  constexpr double kShortHistory = 5;
  auto lengths = user_counts(interactions);
  std::erase(lengths, 0U);
  if (lengths.empty()) return;
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::ranges::nth_element(lengths, middle);
  const bool is_short = *middle < kShortHistory;
  params_["user_cap"] = std::max(3.0, double{*middle});
  params_["power"] = is_short ? 12 : 1.7;
  params_["second_power"] = 4;
  params_["second_weight"] = is_short ? 0.45 : 0;
}

Result<void> Spectral::train(const TrainingData& data, const TrainContext& context) {
  if (params_["power"] == 0) suit_to(data.interactions);
  const SpectralWalk::Options options{.rank = static_cast<std::size_t>(std::max(1.0, params_["factors"])),
                                      .user_cap = params_["user_cap"],
                                      .user_smoothing = params_["user_smoothing"],
                                      .item_smoothing = params_["item_smoothing"]};
  ZY_TRY(walk_, SpectralWalk::fit(data.interactions, options, context));
  popularity_ = Popularity::of(data.interactions);
  return {};
}

std::vector<Spectral::Part> Spectral::parts() const {
  std::vector<Part> parts{{walk_.damping(params_.at("power")), 1}};
  if (const double weight = params_.at("second_weight"); weight > 0)
    parts.push_back({walk_.damping(params_.at("second_power")), weight});
  return parts;
}

void Spectral::score(const History& history, std::span<float> scores) const {
  if (history.items.empty()) return popularity_.score(scores);
  std::ranges::fill(scores, 0.0F);
  const auto profile = walk_.profile(history);
  std::vector<float> raw(items());
  for (const auto& part : parts()) {
    const auto user = damped(profile, part.damping);
    row_dots(walk_.vectors().data(), items(), walk_.dim(), user.data(), raw.data());
    const auto scale = standard_scale(raw);
    for (std::size_t item = 0; item < scores.size(); ++item)
      scores[item] += static_cast<float>(part.weight * scale.of(raw[item]));
  }
}

std::vector<Contribution> Spectral::explain(const History& history, ItemIndex item) const {
  // How far the item stands from the middle of all items, in each dimension.
  std::vector<float> apart(walk_.vector(item).begin(), walk_.vector(item).end());
  for (ItemIndex other = 0; other < items(); ++other)
    axpy(-1.0F / static_cast<float>(items()), walk_.vector(other).data(), apart.data(), walk_.dim());

  const auto profile = walk_.profile(history);
  std::vector<float> raw(items());
  std::vector<float> direction(walk_.dim(), 0);
  for (const auto& part : parts()) {
    const auto user = damped(profile, part.damping);
    row_dots(walk_.vectors().data(), items(), walk_.dim(), user.data(), raw.data());
    axpy(static_cast<float>(part.weight * standard_scale(raw).factor), damped(apart, part.damping).data(),
         direction.data(), walk_.dim());
  }
  std::vector<Contribution> shares;
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const auto liked = history.items[h];
    shares.push_back({liked, history.weights[h] * walk_.item_scale(liked) * dot(walk_.vector(liked), direction)});
  }
  std::ranges::stable_sort(shares, std::greater{}, &Contribution::share);
  return shares;
}

void Spectral::save(Tensors& tensors) const {
  walk_.save(tensors);
  popularity_.save(tensors);
  const std::array<float, 3> blend = {static_cast<float>(params_.at("power")),
                                      static_cast<float>(params_.at("second_power")),
                                      static_cast<float>(params_.at("second_weight"))};
  tensors.put("blend", Tensor::from<float>({3}, blend));
}

Result<void> Spectral::load(const Tensors& tensors) {
  ZY_TRY(walk_, SpectralWalk::load(tensors));
  ZY_TRY(popularity_, Popularity::load(tensors, items()));
  ZY_TRY(const auto blend, tensors.get("blend", DType::kF32, std::array<std::size_t, 1>{3}));
  const auto values = blend.as<float>();
  if (!std::ranges::all_of(values, [](float x) { return x >= 0; }))
    return corrupt("a power or weight of the blend is negative");
  params_["power"] = values[0];
  params_["second_power"] = values[1];
  params_["second_weight"] = values[2];
  return {};
}

}  // namespace zhiyin
