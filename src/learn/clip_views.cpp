#include "learn/clip_views.h"

#include <algorithm>

namespace zhiyin {

void random_cut(const MelStrip& strip, Random& random, std::span<float> window) {
  constexpr std::ptrdiff_t kSlack = 8;  // steps a window may hang over either end
  constexpr std::uint32_t kMostShift = 2;
  const auto free = strip.steps() - kSoundWindow.width;
  const auto start =
      static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint32_t>(free + 2 * kSlack + 1))) - kSlack;
  cut(strip,
      {start, static_cast<int>(random.below(2 * kMostShift + 1)) - static_cast<int>(kMostShift),
       0.8F + 0.4F * random.uniform()},
      window);
}

void random_cut(const FrameStrip& strip, Random& random, std::span<float> square) {
  const auto& frame = strip.frames[random.below(static_cast<std::uint32_t>(strip.frames.size()))];
  FrameCut how;
  how.side = kStripFrame * (0.6F + 0.4F * random.uniform());
  how.left = (kStripFrame - how.side) * random.uniform();
  how.top = (kStripFrame - how.side) * random.uniform();
  how.mirrored = random.below(2) == 1;
  how.contrast = 0.7F + 0.6F * random.uniform();
  how.brightness = 0.4F * random.uniform() - 0.2F;
  cut(frame, how, square);
}

void random_view(const MelStrip& strip, Random& random, std::span<float> pixels) {
  constexpr std::size_t kMostBands = 12;
  constexpr std::size_t kMostTime = 8;
  for (std::size_t step = 0; step < kViewSteps; ++step) {
    const auto window = pixels.subspan(step * kSoundWindow.size(), kSoundWindow.size());
    random_cut(strip, random, window);
    const auto bands = random.below(kMostBands + 1);
    const auto first_band = random.below(static_cast<std::uint32_t>(kSoundWindow.height - kMostBands));
    std::ranges::fill(window.subspan(first_band * kSoundWindow.width, bands * kSoundWindow.width), 0.0F);
    const auto time = random.below(kMostTime + 1);
    const auto first_time = random.below(static_cast<std::uint32_t>(kSoundWindow.width - kMostTime));
    for (std::size_t band = 0; band < kSoundWindow.height; ++band) {
      std::ranges::fill(window.subspan(band * kSoundWindow.width + first_time, time), 0.0F);
    }
  }
}

void random_view(const FrameStrip& strip, Random& random, std::span<float> pixels) {
  for (std::size_t step = 0; step < kViewSteps; ++step)
    random_cut(strip, random, pixels.subspan(step * kFrameSquare.size(), kFrameSquare.size()));
}

}  // namespace zhiyin
