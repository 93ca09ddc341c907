// The largest singular values and right singular vectors of a sparse matrix, by randomised subspace iteration (Halko,
// Martinsson, Tropp 2011).
//
// A few more random directions than asked for are pushed through A'A again and again and made orthonormal in between:
// what is left spans the leading right singular vectors, the better the faster the singular values fall. The small
// eigenproblem of A restricted to that space (Rayleigh and Ritz) then gives values and vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"

namespace zhiyin {

// Compressed sparse rows. offsets has rows + 1 entries; columns of one row in any order, each once.
struct SparseRows {
  std::size_t width = 0;  // number of columns
  std::vector<std::size_t> offsets = {0};
  std::vector<std::uint32_t> columns;
  std::vector<float> values;

  [[nodiscard]] std::size_t rows() const { return offsets.size() - 1; }
  [[nodiscard]] SparseRows transposed() const;
};

struct SvdOptions {
  std::size_t rank = 64;        // most values wanted
  int iterations = 8;           // rounds through A'A
  std::size_t oversample = 16;  // further directions that are carried along
  std::uint64_t seed = 42;
  int threads = 1;
};

// A ~ U diag(values) V'. Fewer values than asked for come back where the matrix has a lower rank (none for zeros).
struct TruncatedSvd {
  std::vector<float> values;  // descending, > 0
  std::vector<float> right;   // V, row-major: width x values.size(); a column without entries is a row of zeros
};

// Holds (rows + width) x (rank + oversample) floats while it works. Repeats bit by bit for a seed and a number of
// threads. Error kInvalid where the matrix holds NaN or infinity.
Result<TruncatedSvd> truncated_svd(const SparseRows& matrix, const SvdOptions& options);

}  // namespace zhiyin
