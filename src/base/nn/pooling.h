// Many rows to one: over the steps of a sequence, or over 2 x 2 pixels.
#pragma once

#include "base/nn/matrix.h"

namespace zhiyin::nn {

// The mean of the steps that are present, one row a sequence; zeros where none is.
Matrix mean_pool(const Matrix& x, const Sequences& shape);
Matrix mean_pool_backward(const Matrix& dy, const Sequences& shape);

// The largest of the steps that are present, column by column. `from` gets the row that each number came from; it is
// what backward needs. Zeros, and no gradient, where no step is present.
Matrix max_pool(const Matrix& x, const Sequences& shape, std::vector<std::size_t>& from);
Matrix max_pool_backward(const Matrix& dy, std::size_t rows, const std::vector<std::size_t>& from);

// The mean of 2 x 2 pixels; an odd last row or column is left out. The output's grid has half the extents, rounded
// down.
Grid halved(const Grid& grid);
Matrix mean_pool_2x2(const Matrix& x, const Grid& grid);
Matrix mean_pool_2x2_backward(const Matrix& dy, const Grid& grid);

}  // namespace zhiyin::nn
