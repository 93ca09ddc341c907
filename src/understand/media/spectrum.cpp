#include "understand/media/spectrum.h"

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/tx.h>
}

#include <algorithm>
#include <bit>
#include <cassert>
#include <new>

namespace zhiyin {

// Both buffers are aligned as the transform's vector code wants them.
struct Spectrum::Transform {
  int size = 0;
  AVTXContext* context = nullptr;
  av_tx_fn run = nullptr;
  float* in = nullptr;   // size
  float* out = nullptr;  // 2 * (size / 2 + 1): real and imaginary parts in turn
  ~Transform() {
    av_tx_uninit(&context);
    av_free(in);
    av_free(out);
  }
};

Spectrum::Spectrum(int size) : transform_(std::make_unique<Transform>()) {
  assert(size >= 16 && size <= 65536 && std::has_single_bit(static_cast<unsigned>(size)));
  auto& transform = *transform_;
  transform.size = size;
  transform.in = static_cast<float*>(av_malloc(sizeof(float) * static_cast<std::size_t>(size)));
  transform.out = static_cast<float*>(av_malloc(sizeof(float) * (static_cast<std::size_t>(size) + 2)));
  const float scale = 1;
  if (transform.in == nullptr || transform.out == nullptr ||
      av_tx_init(&transform.context, &transform.run, AV_TX_FLOAT_RDFT, 0, size, &scale, 0) < 0) {
    throw std::bad_alloc();
  }
}

Spectrum::~Spectrum() = default;

int Spectrum::size() const { return transform_->size; }

void Spectrum::power(std::span<const float> frame, std::span<float> power) const {
  auto& transform = *transform_;
  const auto size = static_cast<std::size_t>(transform.size);
  assert(frame.size() <= size && power.size() == size / 2 + 1);
  std::ranges::copy(frame, transform.in);
  std::fill(transform.in + frame.size(), transform.in + size, 0.0F);
  transform.run(transform.context, transform.out, transform.in, sizeof(float));
  transform.out[size + 1] = 0;  // libav 5.1 leaves the last imaginary part, always zero, unwritten
  for (std::size_t k = 0; k < power.size(); ++k) {
    const float real = transform.out[2 * k];
    const float imaginary = transform.out[2 * k + 1];
    power[k] = real * real + imaginary * imaginary;
  }
}

}  // namespace zhiyin
