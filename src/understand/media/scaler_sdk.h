// A decoded picture of any pixel format → an upright RGB Frame of at most a given width.
#pragma once

#include "base/result.h"
#include "understand/media/libav_sdk.h"
#include "understand/media/media.h"

namespace zhiyin {

// Confined to one thread. Square pixels, rotation of the display matrix applied, transparency laid over white.
class Scaler {
 public:
  // Frames come out at most `width` wide and twice as high; smaller pictures keep their size.
  Scaler(int width, int quarter_turns) : width_(width), quarter_turns_(quarter_turns) {}

  Result<Frame> scale(const AVFrame& picture, AVRational pixel_aspect, double time_s);

 private:
  int width_;
  int quarter_turns_;  // clockwise
  LibavPtr<SwsContext> context_;
};

// Clockwise quarter turns that set this stream's pictures upright.
int quarter_turns(const AVStream& stream);

}  // namespace zhiyin
