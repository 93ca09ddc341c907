#include "understand/embed/onnx/shrink.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "understand/embed/onnx/model_edits.h"

namespace zhiyin {

Result<Shrunk> shrink(OnnxModel whole, const ShrinkOptions& options, const Likeness& likeness) {
  ZY_CHECK_OK(raise_to_opset_10(whole));
  double cosine = 0;
  for (const int top_level : {127, 63, 0}) {
    auto small = whole;
    Shrunk shrunk;
    shrunk.in_eight_bits = quantize(
        small, {.products = top_level > 0, .least_values = options.least_values, .top_level = std::max(top_level, 1)});
    const auto halved = store_in_half(small);
    if (halved + shrunk.in_eight_bits.products + shrunk.in_eight_bits.tables == 0)
      return invalid("there are no large constants of float32 in the model");
    shrunk.bytes = small.serialize();
    small = {};
    ZY_TRY(cosine, likeness(shrunk.bytes));
    shrunk.cosine = cosine;
    if (cosine >= options.least_cosine) return shrunk;
  }
  return invalid(fmt::format("the small model's outputs have a cosine of {:.5f} to the whole one's, {} is needed",
                             cosine, options.least_cosine));
}

double least_cosine(const std::vector<float>& expected, const std::vector<float>& found, std::size_t dim) {
  if (expected.size() != found.size() || dim == 0) return 0;
  double least = 1;
  for (std::size_t row = 0; row + dim <= expected.size(); row += dim) {
    double both = 0, of_expected = 0, of_found = 0;
    for (std::size_t k = row; k < row + dim; ++k) {
      both += double{expected[k]} * found[k];
      of_expected += double{expected[k]} * expected[k];
      of_found += double{found[k]} * found[k];
    }
    if (of_expected == 0 && of_found == 0) continue;
    const double cosine = both / std::sqrt(of_expected * of_found);
    least = std::isnan(cosine) ? -1 : std::min(least, cosine);
  }
  return least;
}

}  // namespace zhiyin
