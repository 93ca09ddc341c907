// Pictures to show: the art embedded in a file, and JPEG made from frames.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "understand/media/media.h"

namespace zhiyin {

class Container;

struct Cover {
  std::string bytes;
  std::string type;  // "image/jpeg" or "image/png"
};

// Baseline JPEG, 4:2:0, of any size that libav's encoder takes.
Result<Cover> encode_jpeg(const Frame& frame);

// The attached picture: as it is if it is JPEG or PNG of moderate size and decodes, else made anew. nullopt where there is
// none. Errors say what is wrong with it.
Result<std::optional<Cover>> embedded_cover(const Container& container, const DecodeLimits& limits);

}  // namespace zhiyin
