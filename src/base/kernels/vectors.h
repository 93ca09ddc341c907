// Float vector kernels that pick their instruction set when the program starts: AVX-512, AVX2 with FMA, or the
// compiler's baseline (SSE2 on x86-64; whatever a vector maps to elsewhere). No x86-64 processor meets an instruction
// it lacks. No alignment is asked for. Sums are kept in 32 lanes, so results repeat bit by bit on one machine and
// differ in the last bits between instruction sets. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace zhiyin {

// sum_k a[k] b[k].
float dot(const float* a, const float* b, std::size_t size);
inline float dot(std::span<const float> a, std::span<const float> b) { return dot(a.data(), b.data(), a.size()); }

// y += alpha x.
void axpy(float alpha, const float* x, float* y, std::size_t size);

// out[r] = dot(table row r, x); the table is row-major, rows x dim.
void row_dots(const float* table, std::size_t rows, std::size_t dim, const float* x, float* out);

// out[k] = dot(table row picked[k], x).
void picked_dots(const float* table, std::size_t dim, std::span<const std::uint32_t> picked, const float* x,
                 float* out);

// out += sum_k weights[k] (target - z_k . x) z_k, where z_k is row picked[k] of the row-major table with `dim` columns:
// the residual of a weighted least-squares row (target 1), or minus its Gram matrix times x (target 0), in one pass.
void add_weighted_residual(const float* table, std::size_t dim, std::span<const std::uint32_t> picked,
                           std::span<const float> weights, float target, const float* x, float* out);

// The scores x become their softmax: exp(x[k] - log sum exp(x)). Returns log sum exp(x). Exponentials are exact to about
// 1e-7; shares below e^-87 of the largest are 0, and so is that of -infinity. Where all are that (or there are none),
// -infinity is returned and all shares are 0.
double softmax(float* x, std::size_t size);

// The least and the most of some numbers, none of them NaN; zeros where there are none.
struct Extremes {
  float least = 0;
  float most = 0;
};
Extremes extremes(std::span<const float> x);

// "avx512", "avx2" or "baseline".
const char* vector_instructions();

}  // namespace zhiyin
