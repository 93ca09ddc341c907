#include "match/popularity.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace zhiyin {
namespace {

constexpr double kHighest = 255;

}  // namespace

Popularity Popularity::of(const Interactions& interactions) {
  Popularity counted;
  const auto counts = interactions.item_counts();
  const auto most = counts.empty() ? 0U : std::ranges::max(counts);
  const double step = kHighest / std::log1p(std::max(1U, most));
  counted.levels_.resize(counts.size());
  std::ranges::transform(counts, counted.levels_.begin(), [step](std::uint32_t count) {
    return static_cast<std::uint8_t>(std::lround(step * std::log1p(count)));
  });
  std::size_t users = 0;
  for (UserIndex user = 0; user < interactions.users(); ++user) users += interactions.row(user).empty() ? 0 : 1;
  counted.set_shares(static_cast<float>(most), static_cast<float>(users));
  return counted;
}

void Popularity::set_shares(float most, float users) {
  most_ = most;
  users_ = users;
  shares_.clear();
  if (users <= 0) return;
  const double step = std::log1p(std::max(1.0F, most)) / kHighest;
  for (int level = 0; level <= static_cast<int>(kHighest); ++level)
    shares_.push_back(static_cast<float>(std::expm1(step * level) / users));
}

void Popularity::add_items(std::size_t items) {
  if (!levels_.empty()) levels_.resize(std::max(items, levels_.size()), 0);
}

void Popularity::score(std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  std::ranges::copy(levels_, scores.begin());
}

float Popularity::share(ItemIndex item) const {
  return shares_.empty() || item >= levels_.size() ? 0 : shares_[levels_[item]];
}

void Popularity::add_share(float weight, std::span<float> scores) const {
  if (shares_.empty()) return;
  for (std::size_t item = 0; item < levels_.size(); ++item) scores[item] += weight * shares_[levels_[item]];
}

void Popularity::save(Tensors& tensors) const {
  if (!levels_.empty()) tensors.put("popularity", Tensor::from<std::uint8_t>({levels_.size()}, levels_));
  if (users_ > 0) tensors.put("popularity_of", Tensor::from<float>({2}, std::array{most_, users_}));
}

Result<Popularity> Popularity::load(const Tensors& tensors, std::size_t items) {
  Popularity loaded;
  if (!tensors.has("popularity")) return loaded;
  ZY_TRY(const auto levels, tensors.get("popularity", DType::kU8, std::array<std::size_t, 1>{items}));
  loaded.levels_.assign(levels.as<std::uint8_t>().begin(), levels.as<std::uint8_t>().end());
  if (!tensors.has("popularity_of")) return loaded;
  ZY_TRY(const auto of, tensors.get("popularity_of", DType::kF32, std::array<std::size_t, 1>{2}));
  const auto most = of.as<float>()[0];
  const auto users = of.as<float>()[1];
  if (!(most >= 0 && users >= most)) return corrupt("more users touched an item than there are");
  loaded.set_shares(most, users);
  return loaded;
}

}  // namespace zhiyin
