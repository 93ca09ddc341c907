#include "match/popularity.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace zhiyin {

Popularity Popularity::of(const Interactions& interactions) {
  constexpr double kHighest = 255;
  Popularity counted;
  const auto counts = interactions.item_counts();
  const auto most = counts.empty() ? 0U : std::ranges::max(counts);
  const double step = kHighest / std::log1p(std::max(1U, most));
  counted.levels_.resize(counts.size());
  std::ranges::transform(counts, counted.levels_.begin(), [step](std::uint32_t count) {
    return static_cast<std::uint8_t>(std::lround(step * std::log1p(count)));
  });
  return counted;
}

void Popularity::add_items(std::size_t items) {
  if (!levels_.empty()) levels_.resize(std::max(items, levels_.size()), 0);
}

void Popularity::score(std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  std::ranges::copy(levels_, scores.begin());
}

void Popularity::save(Tensors& tensors) const {
  if (!levels_.empty()) tensors.put("popularity", Tensor::from<std::uint8_t>({levels_.size()}, levels_));
}

Result<Popularity> Popularity::load(const Tensors& tensors, std::size_t items) {
  Popularity loaded;
  if (!tensors.has("popularity")) return loaded;
  ZY_TRY(const auto levels, tensors.get("popularity", DType::kU8, std::array<std::size_t, 1>{items}));
  loaded.levels_.assign(levels.as<std::uint8_t>().begin(), levels.as<std::uint8_t>().end());
  return loaded;
}

}  // namespace zhiyin
