// Pictures brought to the size that a model wants.
#pragma once

#include "understand/media/media.h"

namespace zhiyin {

// How a new pixel is made of old ones: a triangle over two pixels, or the cubic of Keys (1981, a = -1/2) over four,
// which is sharper; both widen when the picture shrinks.
enum class ResizeFilter { kTriangle, kCubic };

// Stretched to width x height. Enlarging is bilinear with pixel centres aligned; shrinking averages over what each new
// pixel covers (a triangle filter of the right width), so that fine print does not turn to noise. A frame that has the
// size already comes back as it is. The frame must have pixels. Thread-safe.
Frame resized(const Frame& frame, int width, int height, ResizeFilter filter = ResizeFilter::kTriangle);

// The part [left, left + width) x [top, top + height), which must lie inside.
Frame cropped(const Frame& frame, int left, int top, int width, int height);

}  // namespace zhiyin
