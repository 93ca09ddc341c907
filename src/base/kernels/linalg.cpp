#include "base/kernels/linalg.h"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <mutex>

// LAPACK as OpenBLAS exports it; the trailing lengths are those that Fortran passes for its one-letter arguments.
extern "C" {
void spotrf_(const char* uplo, const int* n, float* a, const int* lda, int* info, std::size_t);
void spotri_(const char* uplo, const int* n, float* a, const int* lda, int* info, std::size_t);
void spotrs_(const char* uplo, const int* n, const int* columns, const float* a, const int* lda, float* b,
             const int* ldb, int* info, std::size_t);
void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info, std::size_t);
void dpotrs_(const char* uplo, const int* n, const int* columns, const double* a, const int* lda, double* b,
             const int* ldb, int* info, std::size_t);
void dsyevd_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* values, double* work,
             const int* lwork, int* iwork, const int* liwork, int* info, std::size_t, std::size_t);
}

namespace zhiyin {
namespace {

// LAPACK counts columns first: our row-major lower triangle is its upper one.
constexpr char kLowerOfRows = 'U';

// OpenBLAS keeps one thread count for the whole process: 1, but while a BlasThreads lives.
class BlasThreads {
 public:
  explicit BlasThreads(int threads) {
    static const bool once = (openblas_set_num_threads(1), true);
    (void)once;
    if (threads <= 1) return;
    lock_ = std::unique_lock(mutex());
    openblas_set_num_threads(threads);
  }
  ~BlasThreads() {
    if (lock_.owns_lock()) openblas_set_num_threads(1);
  }
  BlasThreads(const BlasThreads&) = delete;
  BlasThreads& operator=(const BlasThreads&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::unique_lock<std::mutex> lock_;
};

int narrow(std::size_t size) {
  assert(size <= 0x7fffffff);
  return static_cast<int>(size);
}

// Copies the lower triangle over the upper one, in blocks that stay in the cache.
template <typename T>
void mirror(std::size_t size, T* matrix) {
  constexpr std::size_t kBlock = 64;
  for (std::size_t i0 = 0; i0 < size; i0 += kBlock) {
    for (std::size_t j0 = 0; j0 <= i0; j0 += kBlock) {
      for (std::size_t i = i0; i < std::min(i0 + kBlock, size); ++i) {
        for (std::size_t j = j0; j < std::min(j0 + kBlock, i); ++j) matrix[j * size + i] = matrix[i * size + j];
      }
    }
  }
}

CBLAS_TRANSPOSE blas(Transpose as) { return as == Transpose::kYes ? CblasTrans : CblasNoTrans; }

}  // namespace

void use_one_blas_thread() { static_cast<void>(BlasThreads(1)); }

void gemm(Transpose a_as, Transpose b_as, std::size_t rows, std::size_t columns, std::size_t inner, float alpha,
          const float* a, const float* b, float beta, float* c, int threads) {
  if (rows == 0 || columns == 0) return;
  const BlasThreads use(threads);
  const auto a_width = a_as == Transpose::kYes ? rows : inner;
  const auto b_width = b_as == Transpose::kYes ? inner : columns;
  cblas_sgemm(CblasRowMajor, blas(a_as), blas(b_as), narrow(rows), narrow(columns), narrow(inner), alpha, a,
              narrow(a_width), b, narrow(b_width), beta, c, narrow(columns));
}

void gram(std::size_t rows, std::size_t dim, const float* a, float alpha, float* gram, int threads) {
  const BlasThreads use(threads);
  cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, narrow(dim), narrow(rows), 1.0F, a, narrow(dim), alpha, gram,
              narrow(dim));
  mirror(dim, gram);
}

void gram(std::size_t rows, std::size_t dim, const double* a, double alpha, double* gram) {
  const BlasThreads use(1);
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, narrow(dim), narrow(rows), 1.0, a, narrow(dim), alpha, gram,
              narrow(dim));
  mirror(dim, gram);
}

void half_product(Transpose a_as, std::size_t size, std::size_t inner, const float* a, float beta, float* c) {
  if (size == 0) return;
  const BlasThreads use(1);
  cblas_ssyrk(CblasRowMajor, CblasLower, blas(a_as), narrow(size), narrow(inner), 1.0F, a,
              narrow(a_as == Transpose::kYes ? size : inner), beta, c, narrow(size));
}

Result<void> invert_spd(std::size_t size, float* matrix, int threads) {
  const BlasThreads use(threads);
  const int n = narrow(size);
  int info = 0;
  spotrf_(&kLowerOfRows, &n, matrix, &n, &info, 1);
  if (info == 0) spotri_(&kLowerOfRows, &n, matrix, &n, &info, 1);
  if (info != 0) return invalid(fmt::format("the matrix is not positive definite (row {} of {})", info, n));
  mirror(size, matrix);
  return {};
}

Result<void> solve_spd(std::size_t size, float* matrix, std::size_t columns, float* x, int threads) {
  if (size == 0 || columns == 0) return {};
  const BlasThreads use(threads);
  const int n = narrow(size);
  const int count = narrow(columns);
  int info = 0;
  spotrf_(&kLowerOfRows, &n, matrix, &n, &info, 1);
  if (info != 0) return invalid(fmt::format("the matrix is not positive definite (row {} of {})", info, n));
  // LAPACK wants every right side in one piece.
  std::vector<float> sides(size * columns);
  for (std::size_t row = 0; row < size; ++row) {
    for (std::size_t c = 0; c < columns; ++c) sides[c * size + row] = x[row * columns + c];
  }
  spotrs_(&kLowerOfRows, &n, &count, matrix, &n, sides.data(), &n, &info, 1);
  assert(info == 0);
  for (std::size_t row = 0; row < size; ++row) {
    for (std::size_t c = 0; c < columns; ++c) x[row * columns + c] = sides[c * size + row];
  }
  return {};
}

Result<Cholesky> Cholesky::of(std::size_t size, std::vector<double> matrix) {
  assert(matrix.size() == size * size);
  const BlasThreads use(1);
  const int n = narrow(size);
  int info = 0;
  dpotrf_(&kLowerOfRows, &n, matrix.data(), &n, &info, 1);
  if (info != 0) return invalid(fmt::format("the matrix is not positive definite (row {} of {})", info, n));
  Cholesky made;
  made.size_ = size;
  made.factor_ = std::move(matrix);
  return made;
}

void Cholesky::solve(std::span<double> x, std::size_t columns) const {
  assert(x.size() == size_ * columns);
  const BlasThreads use(1);
  const int n = narrow(size_);
  const int count = narrow(columns);
  int info = 0;
  dpotrs_(&kLowerOfRows, &n, &count, factor_.data(), &n, x.data(), &n, &info, 1);
  assert(info == 0);
}

Result<Eigen> symmetric_eigen(std::size_t size, std::vector<double> matrix) {
  assert(matrix.size() == size * size);
  const BlasThreads use(1);
  const int n = narrow(size);
  const char with_vectors = 'V';
  std::vector<double> values(size);
  double wanted = 0;
  int wanted_whole = 0;
  const int ask = -1;
  int info = 0;
  dsyevd_(&with_vectors, &kLowerOfRows, &n, matrix.data(), &n, values.data(), &wanted, &ask, &wanted_whole, &ask, &info,
          1, 1);
  const int work_size = static_cast<int>(wanted);
  std::vector<double> work(static_cast<std::size_t>(work_size));
  std::vector<int> whole(static_cast<std::size_t>(wanted_whole));
  dsyevd_(&with_vectors, &kLowerOfRows, &n, matrix.data(), &n, values.data(), work.data(), &work_size, whole.data(),
          &wanted_whole, &info, 1, 1);
  if (info != 0) return invalid("the eigenvalues of the matrix do not converge: it holds NaN or infinity");
  return Eigen{std::move(values), std::move(matrix)};  // LAPACK's columns are our rows
}

}  // namespace zhiyin
