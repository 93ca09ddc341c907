// Pictures to show: the art embedded in a file, and JPEG made from frames.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "understand/media/media.h"

namespace zhiyin {

class Container;

inline constexpr int kSmallCoverWidth = 320;

// Baseline JPEG, 4:2:0, of any size that libav's encoder takes; scaled down to `widest` pixels of width where it is
// wider.
Result<EncodedPicture> encode_jpeg(const Frame& frame, int widest = 1 << 15);

struct EmbeddedCover {
  EncodedPicture picture;
  Frame frame;  // the same, decoded: of an animated one the first picture
};

// The attached picture: as it is if it is JPEG or PNG of moderate size and decodes, else made anew. nullopt where there
// is none. Errors say what is wrong with it.
Result<std::optional<EmbeddedCover>> embedded_cover(const Container& container, const DecodeLimits& limits);

}  // namespace zhiyin
