// Which of many frames stand for the whole: one for each shot, spread over the file.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "understand/media/media.h"

namespace zhiyin {

// How different two frames look, in [0, 1]: mean absolute difference of an 8x8 grid of mean colours.
double frame_difference(const Frame& a, const Frame& b);

// What each of many frames, in order of time, looks like in passing. A jump between neighbours that stands out is a
// cut.
std::vector<Glimpse> glimpses_of(std::span<const Frame> frames);

// Indices of at most `count` of the frames (which are in order of time), ascending, at least one where there is a
// frame. Each shot, from cut to cut, gives its middle frame, the longest shots first. Places left over go to the frames
// that differ most from those chosen, as long as they do differ.
std::vector<std::size_t> choose_key_frames(std::span<const Frame> frames, int count);

// The frame to show as a cover: bright enough, full of contrast, detail and colour. Not empty.
std::size_t most_telling(std::span<const Frame> frames);

}  // namespace zhiyin
