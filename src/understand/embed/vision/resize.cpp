#include "understand/embed/vision/resize.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace zhiyin {
namespace {

// The old pixels that one new pixel is made of, along one axis.
struct Taps {
  int first = 0;
  std::vector<float> weights;  // sum 1
};

// The weight of an old pixel at a distance, in steps of one pixel or, where the picture shrinks, of one new pixel.
float weight_at(float distance, ResizeFilter filter) {
  const float d = std::abs(distance);
  if (filter == ResizeFilter::kTriangle) return std::max(1 - d, 0.0F);
  if (d < 1) return (1.5F * d - 2.5F) * d * d + 1;
  return d < 2 ? ((-0.5F * d + 2.5F) * d - 4) * d + 2 : 0;
}

std::vector<Taps> taps(int from, int to, ResizeFilter filter) {
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  const float step = std::max(scale, 1.0F);
  const float reach = filter == ResizeFilter::kTriangle ? step : 2 * step;  // in old pixels
  std::vector<Taps> all(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const float centre = (static_cast<float>(i) + 0.5F) * scale - 0.5F;
    const int first = std::max(static_cast<int>(std::ceil(centre - reach)), 0);
    const int last = std::min(static_cast<int>(std::floor(centre + reach)), from - 1);
    auto& tap = all[static_cast<std::size_t>(i)];
    tap.first = first;
    float sum = 0;
    for (int k = first; k <= last; ++k) {
      tap.weights.push_back(weight_at((static_cast<float>(k) - centre) / step, filter));
      sum += tap.weights.back();
    }
    for (auto& weight : tap.weights) weight /= sum;
  }
  return all;
}

}  // namespace

Frame resized(const Frame& frame, int width, int height, ResizeFilter filter) {
  assert(frame.width > 0 && frame.height > 0 && width > 0 && height > 0);
  if (frame.width == width && frame.height == height) return frame;
  const auto across = taps(frame.width, width, filter);
  const auto down = taps(frame.height, height, filter);
  const auto row = 3 * static_cast<std::size_t>(width);

  std::vector<float> narrow(row * static_cast<std::size_t>(frame.height));  // the right width, the old height
  for (int y = 0; y < frame.height; ++y) {
    const auto* from = &frame.rgb[3 * static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.width)];
    auto* to = &narrow[static_cast<std::size_t>(y) * row];
    for (const auto& tap : across) {
      const auto* pixel = from + 3 * static_cast<std::size_t>(tap.first);
      float r = 0;
      float g = 0;
      float b = 0;
      for (const float weight : tap.weights) {
        r += weight * static_cast<float>(pixel[0]);
        g += weight * static_cast<float>(pixel[1]);
        b += weight * static_cast<float>(pixel[2]);
        pixel += 3;
      }
      *to++ = r;
      *to++ = g;
      *to++ = b;
    }
  }
  Frame out{.width = width, .height = height, .time_s = frame.time_s, .rgb = {}};
  out.rgb.resize(row * static_cast<std::size_t>(height));
  std::vector<float> sums(row);
  for (int y = 0; y < height; ++y) {
    const auto& tap = down[static_cast<std::size_t>(y)];
    std::ranges::fill(sums, 0.5F);  // rounds
    for (std::size_t k = 0; k < tap.weights.size(); ++k) {
      const auto* from = &narrow[(static_cast<std::size_t>(tap.first) + k) * row];
      for (std::size_t i = 0; i < row; ++i) sums[i] += tap.weights[k] * from[i];
    }
    auto* to = &out.rgb[static_cast<std::size_t>(y) * row];
    for (std::size_t i = 0; i < row; ++i) to[i] = static_cast<std::uint8_t>(std::clamp(sums[i], 0.0F, 255.0F));
  }
  return out;
}

Frame cropped(const Frame& frame, int left, int top, int width, int height) {
  assert(left >= 0 && top >= 0 && left + width <= frame.width && top + height <= frame.height);
  Frame out{.width = width, .height = height, .time_s = frame.time_s, .rgb = {}};
  out.rgb.reserve(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int y = top; y < top + height; ++y) {
    const auto* from = &frame.rgb[3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.width) +
                                       static_cast<std::size_t>(left))];
    out.rgb.insert(out.rgb.end(), from, from + 3 * static_cast<std::size_t>(width));
  }
  return out;
}

}  // namespace zhiyin
