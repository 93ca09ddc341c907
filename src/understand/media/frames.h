// The pictures of a file, thinned to candidates for key frames.
#pragma once

#include <vector>

#include "base/result.h"
#include "understand/media/budget.h"
#include "understand/media/media.h"

namespace zhiyin {

class Container;

struct SampledFrames {
  std::vector<Frame> frames;
  std::vector<Frame> pages;  // those worth reading, larger: at most limits.pages
  bool moving = false;  // the stream holds pictures of more than one time, decodable or not: it is no attached still
};

// At most kCandidates frames, in order of time, scaled to limits.frame_width, spread over the whole file. A short file
// is decoded fully and thinned; of a long one only key frames of the codec are decoded, hopping from one to the next
// (encoders put them at scene changes). Stops early, with a warning, when its share of the budget is spent.
// An error where not one picture can be decoded.
Result<SampledFrames> sample_frames(const Container& container, const DecodeLimits& limits, const Budget& budget,
                                    std::vector<std::string>& warnings);

inline constexpr std::size_t kCandidates = 96;

}  // namespace zhiyin
