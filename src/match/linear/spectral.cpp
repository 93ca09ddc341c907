#include "match/linear/spectral.h"

#include <algorithm>

#include "base/kernels/vectors.h"
#include "base/measure/top_k.h"
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
  if (is_short) params_["lean"] = 0;
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
  walk(history, scores);
  popularity_.add_share(leaning_on(history, scores), scores);
}

float Spectral::leaning_on(const History& history, std::span<const float> walked) const {
  const double lean = params_.at("lean");
  const float highest = popularity_.highest_share();
  if (lean <= 0 || highest <= 0) return 0;
  auto known = history.items;
  std::ranges::sort(known);
  std::vector<ItemIndex> best;
  top_k(walked, known, 1, best);
  if (best.empty()) return 0;
  const auto weight = lean * 2 / static_cast<double>(history.items.size() + 1);
  return static_cast<float>(weight * std::max(0.0F, walked[best.front()]) / highest);
}

void Spectral::walk(const History& history, std::span<float> scores) const {
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
  tensors.put("lean", Tensor::from<float>({1}, std::array{static_cast<float>(params_.at("lean"))}));
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
  params_["lean"] = 0;
  if (!tensors.has("lean")) return {};  // written before it could
  ZY_TRY(const auto lean, tensors.get("lean", DType::kF32, std::array<std::size_t, 1>{1}));
  params_["lean"] = lean.as<float>()[0];
  if (!(params_["lean"] >= 0)) return corrupt("how far to lean is negative");
  return {};
}

}  // namespace zhiyin
