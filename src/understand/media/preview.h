// A short moving picture of a video, to be shown where a pointer rests on its cover: the key frames one after the
// other, as an animated WebP that an <img> plays by itself. Made of frames that are decoded already, so it costs only
// the encoding (about 5 ms a frame), where a cut of the real film would cost decoding and encoding a hundred.
#pragma once

#include <span>

#include "base/result.h"
#include "understand/media/media.h"

namespace zhiyin {

// Of two frames or more of one size; frames of another size than the first are left out. At most 320 pixels
// wide; loops for ever.
Result<EncodedPicture> encode_preview(std::span<const Frame> frames);

inline constexpr int kPreviewFrames = 8;  // at most, spread over those given

}  // namespace zhiyin
