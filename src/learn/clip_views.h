// A file cut at random, as training wants it: two cuts of one file should look alike to the net, whatever was hidden,
// moved or tinted in them.
#pragma once

#include <span>

#include "base/random.h"
#include "understand/embed/clip_material.h"

namespace zhiyin {

inline constexpr std::size_t kViewSteps = 2;  // windows, or frames, of one view

// Fills kViewSteps pictures. The strip must not be empty.
//   sound: windows anywhere, up to 8 steps over either end; pitch up or down by up to 2 bands; level by up to a fifth;
//   up to
//          12 neighbouring bands and 8 neighbouring steps hidden (SpecAugment, Park et al. 2019)
void random_view(const MelStrip& strip, Random& random, std::span<float> pixels);
//   frames: any of them; squares of 60% to 100% of the side; mirrored or not; contrast and brightness changed
void random_view(const FrameStrip& strip, Random& random, std::span<float> pixels);

}  // namespace zhiyin
