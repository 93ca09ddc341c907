#include "base/kernels/vectors.h"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace zhiyin {
namespace {

// The kernels are written once, on 64-byte vectors, and inlined into one wrapper per instruction set: the compiler
// splits a vector into as many registers as the wrapper's target needs.
constexpr std::size_t kLanes = 16;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
#define ZY_INLINE inline __attribute__((always_inline))

ZY_INLINE float dot_body(const float* a, const float* b, std::size_t size) {
  Lanes even{};
  Lanes odd{};
  Lanes x;
  Lanes y;
  std::size_t k = 0;
  for (; k + 2 * kLanes <= size; k += 2 * kLanes) {
    std::memcpy(&x, a + k, sizeof x);
    std::memcpy(&y, b + k, sizeof y);
    even += x * y;
    std::memcpy(&x, a + k + kLanes, sizeof x);
    std::memcpy(&y, b + k + kLanes, sizeof y);
    odd += x * y;
  }
  if (k + kLanes <= size) {
    std::memcpy(&x, a + k, sizeof x);
    std::memcpy(&y, b + k, sizeof y);
    even += x * y;
    k += kLanes;
  }
  even += odd;
  float lanes[kLanes];
  std::memcpy(lanes, &even, sizeof lanes);
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  float rest = 0;
  for (; k < size; ++k) rest += a[k] * b[k];
  return lanes[0] + rest;
}

ZY_INLINE void axpy_body(float alpha, const float* x, float* y, std::size_t size) {
  std::size_t k = 0;
  for (; k + kLanes <= size; k += kLanes) {
    Lanes from;
    Lanes to;
    std::memcpy(&from, x + k, sizeof from);
    std::memcpy(&to, y + k, sizeof to);
    to += alpha * from;
    std::memcpy(y + k, &to, sizeof to);
  }
  for (; k < size; ++k) y[k] += alpha * x[k];
}

ZY_INLINE void row_dots_body(const float* table, std::size_t rows, std::size_t dim, const float* x, float* out) {
  for (std::size_t row = 0; row < rows; ++row) out[row] = dot_body(table + row * dim, x, dim);
}

// The rows lie apart: the processor does not guess which comes next.
ZY_INLINE void picked_dots_body(const float* table, std::size_t dim, const std::uint32_t* picked, std::size_t count,
                                const float* x, float* out) {
  constexpr std::size_t kAhead = 8;
  constexpr std::size_t kLine = 64 / sizeof(float);
  for (std::size_t k = 0; k < count; ++k) {
    if (k + kAhead < count) {
      const float* next = table + picked[k + kAhead] * dim;
      for (std::size_t d = 0; d < dim; d += kLine) __builtin_prefetch(next + d);
    }
    out[k] = dot_body(table + picked[k] * dim, x, dim);
  }
}

ZY_INLINE void residual_body(const float* table, std::size_t dim, const std::uint32_t* picked, const float* weights,
                             std::size_t count, float target, const float* x, float* out) {
  for (std::size_t k = 0; k < count; ++k) {
    const float* row = table + picked[k] * dim;
    axpy_body(weights[k] * (target - dot_body(row, x, dim)), row, out, dim);
  }
}

// 2^k by the exponent's bits, 2^f by a polynomial (Cephes' expf): about 1e-7 relative. What is below -87 gives 0.
ZY_INLINE void exponentiate(Lanes& x) {
  using Whole = std::int32_t __attribute__((vector_size(kLanes * sizeof(std::int32_t))));
  const Whole there = x > -87.0F;
  const Lanes least = Lanes{} - 87.0F;
  x = there ? x : least;
  const Lanes turned = x * 1.44269504F;
  const Lanes half = (turned < 0.0F) ? Lanes{} - 0.5F : Lanes{} + 0.5F;
  const Whole k = __builtin_convertvector(turned + half, Whole);
  const Lanes whole = __builtin_convertvector(k, Lanes);
  const Lanes f = x - whole * 0.693359375F + whole * 2.12194440e-4F;
  Lanes p = f * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * f + 8.3334519073e-3F;
  p = p * f + 4.1665795894e-2F;
  p = p * f + 1.6666665459e-1F;
  p = p * f + 5.0000001201e-1F;
  p = p * f * f + f + 1.0F;
  const Whole bits = (k + 127) << 23;
  Lanes power;
  std::memcpy(&power, &bits, sizeof power);
  x = there ? p * power : Lanes{};
}

ZY_INLINE double softmax_body(float* x, std::size_t size) {
  if (size == 0) return -INFINITY;
  const Lanes nothing = Lanes{} - INFINITY;
  Lanes v;
  // A last block of fewer than kLanes is copied out and filled up with what adds nothing.
  const auto blocks = size / kLanes * kLanes;
  Lanes tail = nothing;
  std::memcpy(&tail, x + blocks, (size - blocks) * sizeof(float));
  Lanes most = tail;
  for (std::size_t k = 0; k < blocks; k += kLanes) {
    std::memcpy(&v, x + k, sizeof v);
    most = v > most ? v : most;
  }
  float largest = most[0];
  for (std::size_t lane = 1; lane < kLanes; ++lane) largest = most[lane] > largest ? most[lane] : largest;
  if (largest == -INFINITY) {
    for (std::size_t k = 0; k < size; ++k) x[k] = 0;
    return -INFINITY;
  }
  tail -= largest;
  exponentiate(tail);
  Lanes sums = tail;
  for (std::size_t k = 0; k < blocks; k += kLanes) {
    std::memcpy(&v, x + k, sizeof v);
    v -= largest;
    exponentiate(v);
    sums += v;
    std::memcpy(x + k, &v, sizeof v);
  }
  double sum = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) sum += sums[lane];
  const auto scale = static_cast<float>(1 / sum);
  for (std::size_t k = 0; k < blocks; ++k) x[k] *= scale;
  tail *= scale;
  std::memcpy(x + blocks, &tail, (size - blocks) * sizeof(float));
  return std::log(sum) + largest;
}

ZY_INLINE Extremes extremes_body(const float* x, std::size_t size) {
  if (size == 0) return {};
  Lanes least = Lanes{} + x[0];
  Lanes most = least;
  std::size_t k = 0;
  for (; k + kLanes <= size; k += kLanes) {
    Lanes v;
    std::memcpy(&v, x + k, sizeof v);
    least = v < least ? v : least;
    most = v > most ? v : most;
  }
  Extremes found{x[0], x[0]};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    found.least = std::min(found.least, least[lane]);
    found.most = std::max(found.most, most[lane]);
  }
  for (; k < size; ++k) {
    found.least = std::min(found.least, x[k]);
    found.most = std::max(found.most, x[k]);
  }
  return found;
}

struct Kernels {
  const char* name;
  float (*dot)(const float*, const float*, std::size_t);
  void (*axpy)(float, const float*, float*, std::size_t);
  void (*row_dots)(const float*, std::size_t, std::size_t, const float*, float*);
  void (*picked_dots)(const float*, std::size_t, const std::uint32_t*, std::size_t, const float*, float*);
  void (*residual)(const float*, std::size_t, const std::uint32_t*, const float*, std::size_t, float, const float*,
                   float*);
  double (*softmax)(float*, std::size_t);
  Extremes (*extremes)(const float*, std::size_t);
};

// One set of wrappers, compiled for `target`.
#define ZY_KERNELS(set, target)                                                                                     \
  target float dot_##set(const float* a, const float* b, std::size_t size) { return dot_body(a, b, size); }         \
  target void axpy_##set(float alpha, const float* x, float* y, std::size_t size) { axpy_body(alpha, x, y, size); } \
  target void row_dots_##set(const float* t, std::size_t rows, std::size_t dim, const float* x, float* out) {       \
    row_dots_body(t, rows, dim, x, out);                                                                            \
  }                                                                                                                 \
  target void picked_dots_##set(const float* t, std::size_t dim, const std::uint32_t* picked, std::size_t count,    \
                                const float* x, float* out) {                                                       \
    picked_dots_body(t, dim, picked, count, x, out);                                                                \
  }                                                                                                                 \
  target void residual_##set(const float* t, std::size_t dim, const std::uint32_t* picked, const float* w,          \
                             std::size_t count, float goal, const float* x, float* out) {                           \
    residual_body(t, dim, picked, w, count, goal, x, out);                                                          \
  }                                                                                                                 \
  target double softmax_##set(float* x, std::size_t size) { return softmax_body(x, size); }                         \
  target Extremes extremes_##set(const float* x, std::size_t size) { return extremes_body(x, size); }               \
  constexpr Kernels kernels_##set {                                                                                 \
#set, dot_##set, axpy_##set, row_dots_##set, picked_dots_##set, residual_##set, softmax_##set, extremes_##set   \
  }

ZY_KERNELS(baseline, );
#if defined(__x86_64__)
ZY_KERNELS(avx2, __attribute__((target("avx2,fma"))));
ZY_KERNELS(avx512, __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,prefer-vector-width=512"))));
#endif

const Kernels& choose() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma")) {
    return kernels_avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernels_avx2;
#endif
  return kernels_baseline;
}

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

}  // namespace

float dot(const float* a, const float* b, std::size_t size) { return kernels().dot(a, b, size); }

void axpy(float alpha, const float* x, float* y, std::size_t size) { kernels().axpy(alpha, x, y, size); }

void row_dots(const float* table, std::size_t rows, std::size_t dim, const float* x, float* out) {
  kernels().row_dots(table, rows, dim, x, out);
}

void picked_dots(const float* table, std::size_t dim, std::span<const std::uint32_t> picked, const float* x,
                 float* out) {
  kernels().picked_dots(table, dim, picked.data(), picked.size(), x, out);
}

void add_weighted_residual(const float* table, std::size_t dim, std::span<const std::uint32_t> picked,
                           std::span<const float> weights, float target, const float* x, float* out) {
  kernels().residual(table, dim, picked.data(), weights.data(), picked.size(), target, x, out);
}

double softmax(float* x, std::size_t size) { return kernels().softmax(x, size); }

Extremes extremes(std::span<const float> x) { return kernels().extremes(x.data(), x.size()); }

const char* vector_instructions() { return kernels().name; }

}  // namespace zhiyin
