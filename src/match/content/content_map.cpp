#include "match/content/content_map.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"
#include "match/factors/ials.h"

namespace zhiyin {
namespace {

// z-scored columns and a constant; items of which nothing is known are rows of zeros.
std::vector<float> design_matrix(const ItemFeatures& features, std::size_t items) {
  const std::size_t dim = features.dim;
  std::vector<double> mean(dim, 0);
  std::vector<double> square(dim, 0);
  std::vector<bool> known(items, false);
  double count = 0;
  for (std::size_t i = 0; i < items; ++i) {
    const auto row = std::span(features.rows).subspan(i * dim, dim);
    known[i] = std::ranges::any_of(row, [](float x) { return x != 0; });
    if (!known[i]) continue;
    ++count;
    for (std::size_t d = 0; d < dim; ++d) {
      mean[d] += row[d];
      square[d] += double{row[d]} * row[d];
    }
  }
  std::vector<float> design(items * (dim + 1), 0);
  for (std::size_t i = 0; i < items; ++i) {
    if (!known[i]) continue;
    for (std::size_t d = 0; d < dim; ++d) {
      const double centre = mean[d] / count;
      const double deviation = std::sqrt(std::max(square[d] / count - centre * centre, 0.0));
      if (deviation > 1e-9)
        design[i * (dim + 1) + d] = static_cast<float>((features.rows[i * dim + d] - centre) / deviation);
    }
    design[i * (dim + 1) + dim] = 1;
  }
  return design;
}

}  // namespace

Result<void> ContentMap::train(const TrainingData& data, const TrainContext& context) {
  const std::size_t items = data.interactions.items();
  if (data.features == nullptr || data.features->dim == 0)
    return invalid("no item has content vectors: scan media, or give features");
  if (data.features->rows.size() != items * data.features->dim)
    return invalid("the content vectors do not fit the items");
  if (!std::ranges::all_of(data.features->rows, [](float x) { return std::isfinite(x); }))
    return invalid("a content vector is not finite");

  ZY_TRY(const auto settings,
         complete("ials", Ials::settings(),
                  {{"factors", params_["factors"]}, {"alpha0", params_["alpha0"]}, {"strength", params_["strength"]}}));
  Ials ials(settings);
  ZY_CHECK_OK(ials.train(data, context));
  params_["strength"] = ials.params().at("strength");
  const std::size_t dim = ials.item_factors().dim();
  const auto learned = ials.item_factors().factors();

  const auto design = design_matrix(*data.features, items);
  const std::size_t width = data.features->dim + 1;
  const auto counts = data.interactions.item_counts();
  std::vector<float> weighted(design.size());
  for (std::size_t i = 0; i < items; ++i) {
    for (std::size_t d = 0; d < width; ++d)
      weighted[i * width + d] = static_cast<float>(counts[i]) * design[i * width + d];
  }
  // (X'CX + ridge I) W = X'CQ
  std::vector<float> normal(width * width);
  gemm(Transpose::kYes, Transpose::kNo, width, width, items, 1, weighted.data(), design.data(), 0, normal.data(),
       context.threads);
  for (std::size_t d = 0; d < width; ++d) normal[d * width + d] += static_cast<float>(params_["ridge"] + 1e-3);
  std::vector<float> right_side(width * dim);
  gemm(Transpose::kYes, Transpose::kNo, width, dim, items, 1, weighted.data(), learned.data(), 0, right_side.data(),
       context.threads);
  ZY_CHECK_OK(invert_spd(width, normal.data(), context.threads).in("content_map: raise ridge"));
  std::vector<float> map(width * dim);
  gemm(Transpose::kNo, Transpose::kNo, width, dim, width, 1, normal.data(), right_side.data(), 0, map.data(),
       context.threads);

  std::vector<float> blended(items * dim);
  gemm(Transpose::kNo, Transpose::kNo, items, dim, width, 1, design.data(), map.data(), 0, blended.data(),
       context.threads);
  std::size_t active = 0;
  for (std::size_t i = 0; i < items; ++i) {
    const double n = counts[i];
    const auto own = static_cast<float>(n == 0 ? 0 : n / (n + params_["blend"]));
    active += n > 0 ? 1 : 0;
    for (std::size_t d = 0; d < dim; ++d)
      blended[i * dim + d] = own * learned[i * dim + d] + (1 - own) * blended[i * dim + d];
  }
  const double lambda = params_["strength"] / (params_["alpha0"] * static_cast<double>(active));
  ZY_TRY(factors_,
         ItemFactors::build(std::move(blended), dim, active, {params_["alpha0"], lambda, 1}, context.threads));
  return {};
}

Result<void> ContentMap::load(const Tensors& tensors) {
  ZY_TRY(factors_, ItemFactors::load(tensors));
  return {};
}

}  // namespace zhiyin
