#include "understand/embed/clip_material.h"

#include <algorithm>
#include <cmath>

#include "understand/embed/sound/mel.h"
#include "understand/media/sound.h"

namespace zhiyin {
namespace {

static_assert(kSoundWindow.height == kMelBands);
constexpr std::size_t kBands = kSoundWindow.height;
constexpr std::size_t kFramesPerStep = 2;  // of 10 ms
const float kRange = 8 * std::log(10.0F);  // 80 dB of power, as mel_frames cuts it

// The mean of the pixels that the square [left, right) x [top, bottom) of an 8-bit frame covers, channel c.
float area_mean(const Frame& frame, int left, int top, int right, int bottom, int c) {
  double sum = 0;
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x)
      sum +=
          frame
              .rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.width) + static_cast<std::size_t>(x)) *
                       3 +
                   static_cast<std::size_t>(c)];
  }
  return static_cast<float>(sum / ((right - left) * (bottom - top)));
}

std::vector<float> squeezed(const Frame& frame) {
  std::vector<float> out;
  out.reserve(kStripFrame * kStripFrame * 3);
  const auto edge = [](std::size_t i, int extent) {
    return static_cast<int>(i * static_cast<std::size_t>(extent) / kStripFrame);
  };
  for (std::size_t y = 0; y < kStripFrame; ++y) {
    for (std::size_t x = 0; x < kStripFrame; ++x) {
      const int left = edge(x, frame.width);
      const int top = edge(y, frame.height);
      const int right = std::max(edge(x + 1, frame.width), left + 1);
      const int bottom = std::max(edge(y + 1, frame.height), top + 1);
      for (int c = 0; c < 3; ++c) out.push_back(area_mean(frame, left, top, right, bottom, c) / 127.5F - 1);
    }
  }
  return out;
}

}  // namespace

Result<MelStrip> mel_strip(const Sound& sound) {
  MelStrip strip;
  if (sound.samples.empty()) return strip;
  ZY_TRY(const auto analysed, resampled(sound, kAnalysisRate));
  const auto heard = mel_frames(analysed);
  const float loudest = *std::ranges::max_element(heard.log_mel);
  const auto frames = static_cast<std::size_t>(heard.frames);
  for (std::size_t first = 0; first < frames; first += kFramesPerStep) {
    const auto last = std::min(first + kFramesPerStep, frames);
    for (std::size_t band = 0; band < kBands; ++band) {
      float mean = 0;
      for (auto f = first; f < last; ++f) mean += heard.log_mel[f * kBands + band] / static_cast<float>(last - first);
      strip.levels.push_back(std::clamp(1 + (mean - loudest) / kRange, 0.0F, 1.0F));
    }
  }
  strip.levels.resize(std::max(strip.levels.size(), kSoundWindow.size()), 0.0F);
  return strip;
}

void cut(const MelStrip& strip, const SoundCut& how, std::span<float> window) {
  const auto level = [&](std::ptrdiff_t step, std::ptrdiff_t band) {
    const bool inside = band >= 0 && band < static_cast<std::ptrdiff_t>(kBands) && step >= 0 &&
                        step < static_cast<std::ptrdiff_t>(strip.steps());
    return inside ? strip.levels[static_cast<std::size_t>(step) * kBands + static_cast<std::size_t>(band)] : 0.0F;
  };
  for (std::size_t band = 0; band < kBands; ++band) {
    for (std::size_t t = 0; t < kSoundWindow.width; ++t) {
      window[band * kSoundWindow.width + t] =
          how.gain * level(how.start + static_cast<std::ptrdiff_t>(t), static_cast<std::ptrdiff_t>(band) - how.shift);
    }
  }
}

FrameStrip frame_strip(std::span<const Frame> frames) {
  FrameStrip strip;
  const auto count = std::min(frames.size(), kMostFrames);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& frame = frames[i * frames.size() / count];
    if (frame.width > 0 && frame.height > 0) strip.frames.push_back(squeezed(frame));
  }
  return strip;
}

void cut(std::span<const float> frame, const FrameCut& how, std::span<float> square) {
  const auto side = kFrameSquare.width;
  const float step = how.side / static_cast<float>(side);
  const auto pixel = [](float at) { return static_cast<std::size_t>(std::clamp(at, 0.0F, kStripFrame - 1.0F)); };
  for (std::size_t y = 0; y < side; ++y) {
    const float from_y = std::clamp(how.top + (static_cast<float>(y) + 0.5F) * step - 0.5F, 0.0F, kStripFrame - 1.0F);
    for (std::size_t x = 0; x < side; ++x) {
      const auto column = static_cast<float>(how.mirrored ? side - 1 - x : x);
      const float from_x = std::clamp(how.left + (column + 0.5F) * step - 0.5F, 0.0F, kStripFrame - 1.0F);
      const auto x0 = pixel(from_x);
      const auto y0 = pixel(from_y);
      const auto x1 = pixel(from_x + 1);
      const auto y1 = pixel(from_y + 1);
      const float right = from_x - static_cast<float>(x0);
      const float down = from_y - static_cast<float>(y0);
      for (std::size_t c = 0; c < 3; ++c) {
        const auto at = [&](std::size_t px, std::size_t py) { return frame[(py * kStripFrame + px) * 3 + c]; };
        const float value = (1 - down) * ((1 - right) * at(x0, y0) + right * at(x1, y0)) +
                            down * ((1 - right) * at(x0, y1) + right * at(x1, y1));
        square[(y * side + x) * 3 + c] = how.contrast * value + how.brightness;
      }
    }
  }
}

ClipBatch whole(const MelStrip& strip) {
  const auto free = strip.steps() - kSoundWindow.width;  // where a window may start
  // Windows that overlap by half at the closest.
  const auto count = std::min(kMostWindows, 1 + free / (kSoundWindow.width / 2));
  ClipBatch clip{nn::Matrix(count * kSoundWindow.size(), 1), {1, count}};
  for (std::size_t w = 0; w < count; ++w) {
    const auto start = count == 1 ? 0 : w * free / (count - 1);
    cut(strip, {.start = static_cast<std::ptrdiff_t>(start)},
        std::span(clip.pixels.values()).subspan(w * kSoundWindow.size(), kSoundWindow.size()));
  }
  return clip;
}

ClipBatch whole(const FrameStrip& strip) {
  const auto count = strip.frames.size();
  ClipBatch clip{nn::Matrix(count * kFrameSquare.size() / 3, 3), {1, count}};
  for (std::size_t f = 0; f < count; ++f) {
    cut(strip.frames[f], {}, std::span(clip.pixels.values()).subspan(f * kFrameSquare.size(), kFrameSquare.size()));
  }
  return clip;
}

}  // namespace zhiyin
