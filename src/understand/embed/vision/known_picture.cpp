#include "understand/embed/vision/known_picture.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace zhiyin {
namespace {

using Rgb = std::array<int, 3>;

// All places are on a 512 x 512 canvas.
Rgb background(int x, int y) {
  if (y < 300) return {110 + y / 4, 160 + y / 6, 230 - y / 16};
  const int grain = (x * 13 + y * 7 + ((x * y) >> 5)) & 31;
  return {60 + grain, 120 + grain, 40 + (grain >> 1)};
}

Rgb with_ball(int x, int y, Rgb under) {
  const int dx = x - 150;
  const int dy = y - 340;
  if (dx * dx + dy * dy >= 90 * 90) return under;
  const int shine = std::max(0, 90 - ((dx + 30) * (dx + 30) + (dy + 35) * (dy + 35)) / 160);
  return {165 + shine, 80 + shine / 2, 20};
}

Rgb with_sign(int x, int y, Rgb under) {
  if (x > 354 && x < 366 && y > 160 && y < 430) under = {120, 120, 120};
  const int dx = std::abs(x - 360);
  const int dy = std::abs(y - 160);
  if (dx >= 90 || dy >= 90 || dx + dy >= 127) return under;
  const bool rim = dx > 84 || dy > 84 || dx + dy > 119;
  const bool letters = dy < 16 && dx < 66 && ((dx >> 3) & 1) == 0;
  return rim || letters ? Rgb{245, 245, 245} : Rgb{200, 20, 30};
}

}  // namespace

Frame known_picture(int size) {
  Frame frame{.width = size, .height = size, .time_s = 0, .rgb = {}};
  frame.rgb.reserve(3 * static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) {
      const int x = column * 512 / size;
      const int y = row * 512 / size;
      for (const int value : with_sign(x, y, with_ball(x, y, background(x, y)))) {
        frame.rgb.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return frame;
}

}  // namespace zhiyin
