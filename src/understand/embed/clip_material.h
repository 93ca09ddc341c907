// Files as what a ClipNet looks at: a long log-mel spectrum from which windows are cut, and small key frames from which
// squares are cut. Cutting is apart from preparing, because training cuts the same file differently each time.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "understand/embed/clip_net.h"
#include "understand/media/media.h"

namespace zhiyin {

// --- Sound.
inline constexpr PictureShape kSoundWindow{64, 32, 1};  // mel bands x 32 steps of 20 ms, 0.64 s
inline constexpr std::size_t kMostWindows = 12;         // of one file, spread over it

// Levels in [0, 1]: 1 the loudest band of the file, 0 what lies 80 dB below. Row-major, one step of 64 bands after the
// other; at least a window long (what is missing is 0). Empty for no sound.
struct MelStrip {
  std::vector<float> levels;

  [[nodiscard]] std::size_t steps() const { return levels.size() / kSoundWindow.height; }
};
Result<MelStrip> mel_strip(const Sound& sound);  // errors are those of the resampler

// How a window is cut: the step it starts at, which may lie outside (silence); how many bands its pitch is moved up; a
// factor on the levels.
struct SoundCut {
  std::ptrdiff_t start = 0;
  int shift = 0;
  float gain = 1;
};
void cut(const MelStrip& strip, const SoundCut& how, std::span<float> window);

// --- Pictures.
inline constexpr PictureShape kFrameSquare{32, 32, 3};
inline constexpr std::size_t kStripFrame = 48;  // the side of a prepared frame
inline constexpr std::size_t kMostFrames = 12;

// Frames squeezed to 48 x 48, RGB in [-1, 1], at most kMostFrames. Empty for no picture.
struct FrameStrip {
  std::vector<std::vector<float>> frames;
};
FrameStrip frame_strip(std::span<const Frame> frames);

// The square of a prepared frame that is looked at, in its pixels; mirrored left to right; colours as a * value + b.
struct FrameCut {
  float left = 0;
  float top = 0;
  float side = kStripFrame;
  bool mirrored = false;
  float contrast = 1;
  float brightness = 0;
};
void cut(std::span<const float> frame, const FrameCut& how, std::span<float> square);

// All of one file, for embedding it.
ClipBatch whole(const MelStrip& strip);
ClipBatch whole(const FrameStrip& strip);

}  // namespace zhiyin
