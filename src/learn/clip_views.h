// A file cut at random, as training wants it: two cuts of one file should look alike to the net, whatever was hidden,
// moved or tinted in them.
#pragma once

#include <span>

#include "base/random.h"
#include "understand/embed/clip_material.h"

namespace zhiyin {

inline constexpr std::size_t kViewSteps = 2;  // windows, or frames, of one view

// One picture, of a strip that is not empty.
//   sound: a window anywhere, up to 8 steps over either end; pitch up or down by up to 2 bands; level by up to a fifth
void random_cut(const MelStrip& strip, Random& random, std::span<float> window);
//   frames: any of them; a square of 60% to 100% of the side; mirrored or not; contrast and brightness changed
void random_cut(const FrameStrip& strip, Random& random, std::span<float> square);

// kViewSteps such pictures; of sounds up to 12 neighbouring bands and 8 neighbouring steps are hidden in each
// (SpecAugment, Park et al. 2019).
void random_view(const MelStrip& strip, Random& random, std::span<float> pixels);
void random_view(const FrameStrip& strip, Random& random, std::span<float> pixels);

}  // namespace zhiyin
