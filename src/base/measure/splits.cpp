#include "base/measure/splits.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <span>

namespace zhiyin {
namespace {

std::vector<std::uint32_t> permutation(std::size_t size, Random& random) {
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0U);
  random.shuffle(std::span(order));
  return order;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> random_folds(std::size_t size, std::size_t folds, Random& random) {
  assert(folds > 0);
  const auto order = permutation(size, random);
  std::vector<std::vector<std::uint32_t>> groups(folds);
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const auto begin = static_cast<std::ptrdiff_t>(size * fold / folds);
    const auto end = static_cast<std::ptrdiff_t>(size * (fold + 1) / folds);
    groups[fold].assign(order.begin() + begin, order.begin() + end);
    std::ranges::sort(groups[fold]);
  }
  return groups;
}

HoldOut hold_out_share(std::size_t size, double share, Random& random) {
  assert(share >= 0 && share < 1);
  const auto order = permutation(size, random);
  const auto count = static_cast<std::ptrdiff_t>(share * static_cast<double>(size));
  HoldOut cut{.kept = {order.begin() + count, order.end()}, .held_out = {order.begin(), order.begin() + count}};
  std::ranges::sort(cut.kept);
  std::ranges::sort(cut.held_out);
  return cut;
}

HoldOut hold_out_last(std::size_t size, std::size_t count) {
  HoldOut cut;
  const auto held = size == 0 ? 0 : std::min(count, size - 1);
  cut.kept.resize(size - held);
  cut.held_out.resize(held);
  std::iota(cut.kept.begin(), cut.kept.end(), 0U);
  std::iota(cut.held_out.begin(), cut.held_out.end(), static_cast<std::uint32_t>(size - held));
  return cut;
}

}  // namespace zhiyin
