// The ways in which an array of a model can be kept, and what a budget for them is.
#pragma once

#include <string>
#include <string_view>

#include "base/kernels/packing.h"

namespace zhiyin {

// Of the arrays of all models: so many bytes, or such a share of what they take whole.
struct Budget {
  std::size_t bytes = 0;
  double share = 0;  // counts where it is above 0
};
// "12M", "800k", "1.5G" (powers of 1000), "300000"; "0.25" and "25%" are shares.
Result<Budget> parse_budget(std::string_view text);

// One way to keep an array.
struct Way {
  std::size_t keep = 0;  // of each column of a dense matrix; 0: all
  Codec codec = Codec::kFloat;
  [[nodiscard]] std::string text() const;  // "int8", "keep 100, half"
};

// Whether an array is a matrix of items by items.
bool can_be_pruned(const Tensor& tensor);

// The model's arrays with `array` kept in that way. Errors: as pack_tensors(); a matrix to be pruned that is not
// square.
Result<Tensors> kept(const Tensors& whole, const std::string& array, const Way& way);

}  // namespace zhiyin
