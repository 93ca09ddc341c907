// A picture made by formula that object detectors know something about: a stop sign and an orange ball on a lawn. It
// checks models without a picture of anybody's being kept; the numbers that the original models give for it are known.
#pragma once

#include "understand/media/media.h"

namespace zhiyin {

// size x size pixels, in integers only, so that any language makes the same bytes.
Frame known_picture(int size);

}  // namespace zhiyin
