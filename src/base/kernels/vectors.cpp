#include "base/kernels/vectors.h"

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

ZY_INLINE void residual_body(const float* table, std::size_t dim, const std::uint32_t* picked, const float* weights,
                             std::size_t count, float target, const float* x, float* out) {
  for (std::size_t k = 0; k < count; ++k) {
    const float* row = table + picked[k] * dim;
    axpy_body(weights[k] * (target - dot_body(row, x, dim)), row, out, dim);
  }
}

struct Kernels {
  const char* name;
  float (*dot)(const float*, const float*, std::size_t);
  void (*axpy)(float, const float*, float*, std::size_t);
  void (*row_dots)(const float*, std::size_t, std::size_t, const float*, float*);
  void (*residual)(const float*, std::size_t, const std::uint32_t*, const float*, std::size_t, float, const float*,
                   float*);
};

// One set of wrappers, compiled for `target`.
#define ZY_KERNELS(set, target)                                                                                     \
  target float dot_##set(const float* a, const float* b, std::size_t size) { return dot_body(a, b, size); }         \
  target void axpy_##set(float alpha, const float* x, float* y, std::size_t size) { axpy_body(alpha, x, y, size); } \
  target void row_dots_##set(const float* t, std::size_t rows, std::size_t dim, const float* x, float* out) {       \
    row_dots_body(t, rows, dim, x, out);                                                                            \
  }                                                                                                                 \
  target void residual_##set(const float* t, std::size_t dim, const std::uint32_t* picked, const float* w,          \
                             std::size_t count, float goal, const float* x, float* out) {                           \
    residual_body(t, dim, picked, w, count, goal, x, out);                                                          \
  }                                                                                                                 \
  constexpr Kernels kernels_##set { #set, dot_##set, axpy_##set, row_dots_##set, residual_##set }

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

void add_weighted_residual(const float* table, std::size_t dim, std::span<const std::uint32_t> picked,
                           std::span<const float> weights, float target, const float* x, float* out) {
  kernels().residual(table, dim, picked.data(), weights.data(), picked.size(), target, x, out);
}

const char* vector_instructions() { return kernels().name; }

}  // namespace zhiyin
