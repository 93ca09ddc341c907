#include "state/index/index.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace zhiyin {

VectorRows::VectorRows(std::vector<float> values, std::size_t dim) : dim_(dim) {
  assert(dim > 0 ? values.size() % dim == 0 : values.empty());
  size_ = dim == 0 ? 0 : values.size() / dim;
  auto owned = std::make_shared<const std::vector<float>>(std::move(values));
  values_ = *owned;
  owner_ = std::move(owned);
}

VectorRows::VectorRows(std::span<const float> values, std::size_t dim, std::shared_ptr<const void> owner)
    : values_(values), dim_(dim), size_(dim == 0 ? 0 : values.size() / dim), owner_(std::move(owner)) {
  assert(dim > 0 ? values.size() % dim == 0 : values.empty());
}

VectorRows::VectorRows(std::span<const float> values, std::size_t dim, std::shared_ptr<const void> owner,
                       std::vector<std::uint32_t> places)
    : values_(values),
      dim_(dim),
      size_(places.size()),
      owner_(std::move(owner)),
      places_(std::make_shared<const std::vector<std::uint32_t>>(std::move(places))),
      zeros_(std::make_shared<const std::vector<float>>(dim, 0.0F)) {}

bool make_unit(std::span<float> vector) {
  double squares = 0;
  for (const float x : vector) squares += double{x} * x;
  if (!(squares > 0) || !std::isfinite(squares)) {
    std::ranges::fill(vector, 0.0F);
    return false;
  }
  const double scale = 1 / std::sqrt(squares);
  for (float& x : vector) x = static_cast<float>(x * scale);
  return true;
}

VectorRows unit_rows(std::vector<float> values, std::size_t dim) {
  for (std::size_t at = 0; at + dim <= values.size() && dim > 0; at += dim)
    make_unit(std::span(values).subspan(at, dim));
  return {std::move(values), dim};
}

}  // namespace zhiyin
