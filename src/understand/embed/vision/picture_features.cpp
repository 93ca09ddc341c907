#include "understand/embed/vision/picture_features.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>

#include "understand/media/key_frames.h"

namespace zhiyin {
namespace {

constexpr int kGrid = 3;
constexpr int kCells = kGrid * kGrid;
constexpr int kHues = 12;
constexpr int kGreys = 6;
constexpr int kOrientations = 8;
constexpr float kStrongEdge = 24;  // of luma steps: Sobel magnitude / 4

// sRGB bytes → CIE Lab (D65), lightness in [0, 100].
struct Lab {
  float l;
  float a;
  float b;
};

class LabTable {
 public:
  LabTable() {
    for (int i = 0; i < 256; ++i) {
      const double c = i / 255.0;
      linear_[i] = static_cast<float>(c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
    }
    for (int i = 0; i <= kSteps; ++i) {
      const double t = static_cast<double>(i) / kSteps;
      cube_root_[i] = static_cast<float>(t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116);
    }
  }
  [[nodiscard]] Lab of(const std::uint8_t* rgb) const {
    const float r = linear_[rgb[0]];
    const float g = linear_[rgb[1]];
    const float b = linear_[rgb[2]];
    const float x = root((0.4124F * r + 0.3576F * g + 0.1805F * b) / 0.9505F);
    const float y = root(0.2126F * r + 0.7152F * g + 0.0722F * b);
    const float z = root((0.0193F * r + 0.1192F * g + 0.9505F * b) / 1.089F);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
  }

 private:
  static constexpr int kSteps = 4096;
  [[nodiscard]] float root(float t) const {
    return cube_root_[static_cast<std::size_t>(std::clamp(t, 0.0F, 1.0F) * kSteps + 0.5F)];
  }
  std::array<float, 256> linear_{};
  std::array<float, kSteps + 1> cube_root_{};
};

int cell_of(const Frame& frame, int x, int y) { return (y * kGrid / frame.height) * kGrid + x * kGrid / frame.width; }

// One pixel's weight spread over neighbouring bins: a small change of colour is a small change of the histogram.
void add_colour(const std::uint8_t* rgb, std::span<float> bins) {
  const float r = static_cast<float>(rgb[0]) / 255;
  const float g = static_cast<float>(rgb[1]) / 255;
  const float b = static_cast<float>(rgb[2]) / 255;
  const float value = std::max({r, g, b});
  const float chroma = value - std::min({r, g, b});
  const float coloured = std::clamp(chroma / 0.2F, 0.0F, 1.0F);  // below this a hue is more and more a grey
  if (coloured > 0) {
    float hue = 0;
    if (value == r) {
      hue = (g - b) / chroma;
    } else if (value == g) {
      hue = 2 + (b - r) / chroma;
    } else {
      hue = 4 + (r - g) / chroma;
    }
    const float place = (hue + 6) * (kHues / 6.0F);
    const int low = static_cast<int>(place);
    const float part = place - static_cast<float>(low);
    const float vivid = std::clamp((chroma - 0.3F) / 0.3F, 0.0F, 1.0F);
    for (const auto& [bin, share] : {std::pair{low % kHues, 1 - part}, std::pair{(low + 1) % kHues, part}}) {
      bins[2 * bin] += coloured * share * (1 - vivid);
      bins[2 * bin + 1] += coloured * share * vivid;
    }
  }
  const float place = value * (kGreys - 1);
  const int low = std::min(static_cast<int>(place), kGreys - 2);
  const float part = place - static_cast<float>(low);
  bins[2 * kHues + low] += (1 - coloured) * (1 - part);
  bins[2 * kHues + low + 1] += (1 - coloured) * part;
}

void square_roots(std::span<float> bins, float total) {
  for (auto& bin : bins) bin = total > 0 ? std::sqrt(bin / total) : 0;
}

// Rotation-invariant uniform pattern of the eight neighbours: the number of brighter ones if they stand together,
// else 9.
int pattern_of(const std::vector<float>& luma, int width, int x, int y) {
  static constexpr int kAround[8][2] = {{-1, -1}, {0, -1}, {1, -1}, {1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}};
  constexpr float kNoise = 2;  // of 255: smaller differences are compression
  const float centre = luma[static_cast<std::size_t>(y) * width + x] + kNoise;
  unsigned code = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const float neighbour = luma[static_cast<std::size_t>(y + kAround[i][1]) * width + (x + kAround[i][0])];
    code |= (neighbour > centre ? 1U : 0U) << i;
  }
  const unsigned rotated = ((code << 1U) | (code >> 7U)) & 0xffU;
  return std::popcount(code ^ rotated) <= 2 ? std::popcount(code) : 9;
}

void describe_colour(const Frame& frame, std::span<float> out) {
  static const LabTable table;
  const auto colour = out.subspan(0, 30);
  const auto layout = out.subspan(39, 27);
  std::array<double, 3> sums{};
  std::array<double, 3> squares{};
  std::array<double, 3> cubes{};
  std::array<int, kCells> counts{};
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      const auto* rgb = &frame.rgb[3 * (static_cast<std::size_t>(y) * frame.width + x)];
      add_colour(rgb, colour);
      const auto lab = table.of(rgb);
      const int cell = cell_of(frame, x, y);
      ++counts[cell];
      const std::array<float, 3> values{lab.l, lab.a, lab.b};
      for (int c = 0; c < 3; ++c) {
        const double v = values[c];
        sums[c] += v;
        squares[c] += v * v;
        cubes[c] += v * v * v;
        layout[3 * cell + c] += values[c];
      }
    }
  }
  const auto n = static_cast<double>(frame.rgb.size() / 3);
  square_roots(colour, static_cast<float>(n));
  for (int c = 0; c < 3; ++c) {
    const double mean = sums[c] / n;
    const double variance = std::max(squares[c] / n - mean * mean, 0.0);
    const double third = cubes[c] / n - 3 * mean * squares[c] / n + 2 * mean * mean * mean;
    out[30 + 3 * c] = static_cast<float>(mean);
    out[31 + 3 * c] = static_cast<float>(std::sqrt(variance));
    out[32 + 3 * c] = static_cast<float>(std::cbrt(third));
  }
  for (int i = 0; i < 3 * kCells; ++i) layout[i] /= static_cast<float>(std::max(counts[i / 3], 1));
}

void describe_texture(const Frame& frame, const std::vector<float>& luma, std::span<float> out) {
  const auto gradients = out.subspan(66, 72);
  const auto patterns = out.subspan(138, 10);
  const auto edges = out.subspan(148, 9);
  std::array<float, kCells> magnitudes{};
  std::array<int, kCells> counts{};
  double total = 0;
  const int width = frame.width;
  for (int y = 1; y + 1 < frame.height; ++y) {
    for (int x = 1; x + 1 < width; ++x) {
      const auto at = [&](int dx, int dy) { return luma[static_cast<std::size_t>(y + dy) * width + (x + dx)]; };
      const float across = (at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1)) / 4;
      const float down = (at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1)) / 4;
      const float magnitude = std::sqrt(across * across + down * down);
      const int cell = cell_of(frame, x, y);
      ++counts[cell];
      total += magnitude;
      ++patterns[pattern_of(luma, width, x, y)];
      if (magnitude > kStrongEdge) ++edges[cell];
      if (magnitude < 1) continue;
      float angle = std::atan2(down, across) / std::numbers::pi_v<float>;  // of the gradient, modulo half a turn
      if (angle < 0) angle += 1;
      const float place = angle * kOrientations;
      const int low = static_cast<int>(place);
      const float part = place - static_cast<float>(low);
      gradients[cell * kOrientations + low % kOrientations] += magnitude * (1 - part);
      gradients[cell * kOrientations + (low + 1) % kOrientations] += magnitude * part;
      magnitudes[cell] += magnitude;
    }
  }
  int inner = 0;
  for (int cell = 0; cell < kCells; ++cell) {
    inner += counts[cell];
    square_roots(gradients.subspan(static_cast<std::size_t>(cell) * kOrientations, kOrientations), magnitudes[cell]);
    edges[cell] /= static_cast<float>(std::max(counts[cell], 1));
  }
  for (auto& share : patterns) share /= static_cast<float>(std::max(inner, 1));
  out[162] = static_cast<float>(total / std::max(inner, 1));
}

void describe_whole(const Frame& frame, const std::vector<float>& luma, std::span<float> out) {
  std::array<double, 32> histogram{};
  double rg_sum = 0;
  double rg_squares = 0;
  double yb_sum = 0;
  double yb_squares = 0;
  double white = 0;
  double black = 0;
  const auto pixels = luma.size();
  for (std::size_t p = 0; p < pixels; ++p) {
    const double r = frame.rgb[3 * p];
    const double g = frame.rgb[3 * p + 1];
    const double b = frame.rgb[3 * p + 2];
    const double rg = r - g;
    const double yb = (r + g) / 2 - b;
    rg_sum += rg;
    rg_squares += rg * rg;
    yb_sum += yb;
    yb_squares += yb * yb;
    white += std::min({r, g, b}) >= 245 ? 1 : 0;
    black += std::max({r, g, b}) <= 16 ? 1 : 0;
    ++histogram[static_cast<std::size_t>(luma[p]) / 8];
  }
  const auto n = static_cast<double>(pixels);
  double entropy = 0;
  for (const double count : histogram) {
    if (count > 0) entropy -= count / n * std::log2(count / n);
  }
  const double rg_mean = rg_sum / n;
  const double yb_mean = yb_sum / n;
  const double variance =
      std::max(rg_squares / n - rg_mean * rg_mean, 0.0) + std::max(yb_squares / n - yb_mean * yb_mean, 0.0);
  out[157] = static_cast<float>(std::log2(static_cast<double>(frame.width) / frame.height));
  out[158] = static_cast<float>(entropy);
  out[159] = static_cast<float>(std::sqrt(variance) + 0.3 * std::hypot(rg_mean, yb_mean));
  out[160] = static_cast<float>(white / n);
  out[161] = static_cast<float>(black / n);
}

}  // namespace

std::vector<float> frame_features(const Frame& frame) {
  assert(frame.width > 0 && frame.height > 0 &&
         frame.rgb.size() == std::size_t{3} * static_cast<unsigned>(frame.width) * static_cast<unsigned>(frame.height));
  std::vector<float> luma(frame.rgb.size() / 3);
  for (std::size_t p = 0; p < luma.size(); ++p) {
    luma[p] = 0.299F * frame.rgb[3 * p] + 0.587F * frame.rgb[3 * p + 1] + 0.114F * frame.rgb[3 * p + 2];
  }
  std::vector<float> out(kFrameFeatures, 0.0F);
  describe_colour(frame, out);
  describe_texture(frame, luma, out);
  describe_whole(frame, luma, out);
  return out;
}

std::vector<float> picture_features(std::span<const Frame> frames) {
  std::vector<float> out(kPictureFeatures, 0.0F);
  if (frames.empty()) return out;
  const std::span<float> mean(out.data(), kFrameFeatures);
  const std::span<float> highest(out.data() + kFrameFeatures, kFrameFeatures);
  std::ranges::fill(highest, -1e30F);
  const auto n = static_cast<float>(frames.size());
  for (const auto& frame : frames) {
    const auto values = frame_features(frame);
    for (int i = 0; i < kFrameFeatures; ++i) {
      mean[i] += values[i] / n;
      highest[i] = std::max(highest[i], values[i]);
    }
  }
  for (int i = 0; i < kFrameFeatures; ++i) highest[i] = std::max(highest[i] - mean[i], 0.0F);

  double sum = 0;
  double squares = 0;
  double largest = 0;
  double per_second = 0;
  const auto steps = static_cast<double>(frames.size() - 1);
  for (std::size_t i = 1; i < frames.size(); ++i) {
    const double change = frame_difference(frames[i - 1], frames[i]);
    sum += change;
    squares += change * change;
    largest = std::max(largest, change);
    per_second += change / std::max(frames[i].time_s - frames[i - 1].time_s, 0.1);
  }
  auto* motion = out.data() + 2 * kFrameFeatures;
  if (steps > 0) {
    motion[0] = static_cast<float>(sum / steps);
    motion[1] = static_cast<float>(std::sqrt(std::max(squares / steps - (sum / steps) * (sum / steps), 0.0)));
    motion[2] = static_cast<float>(largest);
    motion[3] = static_cast<float>(per_second / steps);
  }
  motion[4] = highest[30];  // lightness of the brightest frame over the mean's
  motion[5] = std::log2(n);
  return out;
}

}  // namespace zhiyin
