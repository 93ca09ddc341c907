// Dense linear algebra over OpenBLAS and its LAPACK; the only place that sees them. All matrices are row-major.
//
// Each call runs on one BLAS thread unless it takes `threads`, so that callers who are parallel themselves do not
// fight. Thread-safe; calls with threads > 1 wait for one another.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"

namespace zhiyin {

// One BLAS thread unless a call asks for more: what every function here sees to by itself. For a library that calls BLAS
// on its own.
void use_one_blas_thread();

enum class Transpose { kNo, kYes };

// C (rows x columns) = alpha op(A) op(B) + beta C, where op(A) is rows x inner and op(B) inner x columns.
void gemm(Transpose a_as, Transpose b_as, std::size_t rows, std::size_t columns, std::size_t inner, float alpha,
          const float* a, const float* b, float beta, float* c, int threads = 1);

// The Gram matrix A'A (dim x dim, both triangles) of A (rows x dim), added to alpha times what `gram` holds.
void gram(std::size_t rows, std::size_t dim, const float* a, float alpha, float* gram, int threads = 1);
void gram(std::size_t rows, std::size_t dim, const double* a, double alpha, double* gram);

// The lower triangle of C (size x size) = op(A) op(A)' + beta C, where op(A) is size x inner; half the work of gemm.
void half_product(Transpose a_as, std::size_t size, std::size_t inner, const float* a, float beta, float* c);

// Replaces a symmetric positive definite matrix by its inverse, both triangles; reads the lower one. n^3 flops, no
// second matrix. Error kInvalid when the matrix is not positive definite.
Result<void> invert_spd(std::size_t size, float* matrix, int threads = 1);

// X becomes A^-1 X for a symmetric positive definite A (size x size, lower triangle read, overwritten) and X of
// `columns` right sides (row-major, size x columns): n^3 / 3 flops where the inverse takes n^3. Error as invert_spd().
Result<void> solve_spd(std::size_t size, float* matrix, std::size_t columns, float* x, int threads = 1);

// A = L L' of a symmetric positive definite matrix (lower triangle read), kept to solve with.
class Cholesky {
 public:
  static Result<Cholesky> of(std::size_t size, std::vector<double> matrix);
  // x becomes A^-1 x; x holds `columns` right sides, each of `size` consecutive numbers.
  void solve(std::span<double> x, std::size_t columns = 1) const;

 private:
  std::size_t size_ = 0;
  std::vector<double> factor_;
};

// A = sum_k values[k] v_k v_k' for a symmetric matrix: values ascending, vectors as the ROWS of `vectors`.
struct Eigen {
  std::vector<double> values;
  std::vector<double> vectors;
};
Result<Eigen> symmetric_eigen(std::size_t size, std::vector<double> matrix);

}  // namespace zhiyin
