// A line of text made by formula, in the strokes of a seven-segment display: it checks a model that reads without a
// font or a picture of anybody's being kept.
#pragma once

#include <string_view>

#include "understand/media/media.h"

namespace zhiyin {

// Dark on light, 48 pixels high. Of the letters it knows A C E F H J L P U and of the rest the digits; anything else is
// a gap.
Frame known_line(std::string_view text);

}  // namespace zhiyin
