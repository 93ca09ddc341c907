// The power spectrum of real frames, by libav's FFT: the only FFT in the house.
#pragma once

#include <memory>
#include <span>

namespace zhiyin {

// Confined to one thread; making one costs far more than using it.
class Spectrum {
 public:
  // size: samples of a frame, a power of two from 16 to 65536.
  explicit Spectrum(int size);
  ~Spectrum();
  Spectrum(const Spectrum&) = delete;
  Spectrum& operator=(const Spectrum&) = delete;

  [[nodiscard]] int size() const;
  [[nodiscard]] int bins() const { return size() / 2 + 1; }  // bin k is k * sample_rate / size Hz

  // power[k] = |sum over t of frame[t] exp(-2 pi i k t / size)|^2. A frame shorter than size is continued with zeros;
  // power has bins() elements.
  void power(std::span<const float> frame, std::span<float> power) const;

 private:
  struct Transform;
  std::unique_ptr<Transform> transform_;
};

}  // namespace zhiyin
