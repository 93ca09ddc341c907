#include "understand/embed/vision/shot_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace zhiyin {
namespace {

constexpr double kShortest_s = 0.1;
constexpr double kStill = 0.004;  // change below this is noise
constexpr double kDark = 0.08;    // luma of a picture that is nearly black

// Mean and deviation, as they come in.
class Moments {
 public:
  void add(double value) {
    ++count_;
    sum_ += value;
    squares_ += value * value;
    highest_ = std::max(highest_, value);
  }
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] double mean() const { return count_ > 0 ? sum_ / count_ : 0; }
  [[nodiscard]] double deviation() const {
    return count_ > 0 ? std::sqrt(std::max(squares_ / count_ - mean() * mean(), 0.0)) : 0;
  }
  [[nodiscard]] double highest() const { return highest_; }

 private:
  int count_ = 0;
  double sum_ = 0;
  double squares_ = 0;
  double highest_ = 0;
};

struct Cutting {
  int shots = 1;
  double mean_s = 0;
  double longest_s = 0;
};

Cutting cutting_of(const Decoded& decoded) {
  const auto& glimpses = decoded.glimpses;
  const double end_s = std::max(decoded.duration_s, glimpses.back().time_s + kShortest_s);
  Cutting cutting;
  double begin_s = 0;
  const auto close = [&](double time_s) {
    cutting.longest_s = std::max(cutting.longest_s, time_s - begin_s);
    begin_s = time_s;
  };
  for (const auto& glimpse : glimpses) {
    if (!glimpse.cut) continue;
    ++cutting.shots;
    close(glimpse.time_s);
  }
  close(end_s);
  cutting.mean_s = std::max(end_s / cutting.shots, kShortest_s);
  cutting.longest_s = std::max(cutting.longest_s, kShortest_s);
  return cutting;
}

struct Light {
  std::array<double, 3> colour{};  // mean red, green, blue, in [0, 1]
  double luma = 0;
  double saturation = 0;  // mean of (max - min) of the channels
};

Light light_of(const Frame& frame) {
  Light light;
  const auto pixels = frame.rgb.size() / 3;
  for (std::size_t p = 0; p < pixels; ++p) {
    const auto* rgb = &frame.rgb[3 * p];
    for (std::size_t c = 0; c < 3; ++c) light.colour[c] += rgb[c];
    light.saturation += std::max({rgb[0], rgb[1], rgb[2]}) - std::min({rgb[0], rgb[1], rgb[2]});
  }
  const double scale = 255.0 * static_cast<double>(pixels);
  for (auto& value : light.colour) value /= scale;
  light.saturation /= scale;
  light.luma = 0.299 * light.colour[0] + 0.587 * light.colour[1] + 0.114 * light.colour[2];
  return light;
}

}  // namespace

std::vector<float> shot_statistics(const Decoded& decoded) {
  const auto cutting = cutting_of(decoded);
  Moments inside;
  Moments per_second;
  Moments at_cuts;
  int still = 0;
  for (std::size_t i = 1; i < decoded.glimpses.size(); ++i) {
    const auto& glimpse = decoded.glimpses[i];
    per_second.add(glimpse.change / std::max(glimpse.time_s - decoded.glimpses[i - 1].time_s, kShortest_s));
    if (glimpse.cut) {
      at_cuts.add(glimpse.change);
      continue;
    }
    inside.add(glimpse.change);
    still += glimpse.change < kStill ? 1 : 0;
  }
  Moments luma;
  Moments saturation;
  Moments wandering;
  int dark = 0;
  std::array<double, 3> before{};
  for (const auto& frame : decoded.frames) {
    const auto light = light_of(frame);
    if (luma.count() > 0) {
      double distance = 0;
      for (std::size_t c = 0; c < 3; ++c) distance += std::abs(light.colour[c] - before[c]) / 3;
      wandering.add(distance);
    }
    luma.add(light.luma);
    saturation.add(light.saturation);
    dark += light.luma < kDark ? 1 : 0;
    before = light.colour;
  }
  const auto share = [](int part, int whole) { return whole > 0 ? static_cast<double>(part) / whole : 0.0; };
  const double minutes = cutting.shots * cutting.mean_s / 60;
  const std::array<double, kShotStatistics> values = {std::log2(1 + cutting.shots),
                                                      std::log2(cutting.mean_s),
                                                      std::log2(cutting.longest_s),
                                                      std::log2(1 + (cutting.shots - 1) / minutes),
                                                      inside.mean(),
                                                      inside.deviation(),
                                                      inside.highest(),
                                                      per_second.mean(),
                                                      share(still, inside.count()),
                                                      at_cuts.mean(),
                                                      luma.mean(),
                                                      luma.deviation(),
                                                      saturation.mean(),
                                                      saturation.deviation(),
                                                      share(dark, luma.count()),
                                                      wandering.mean()};
  return {values.begin(), values.end()};
}

Result<void> ShotSense::perceive(const Decoded& decoded, Perception& found) const {
  if (decoded.kind != MediaKind::kVideo || decoded.glimpses.empty()) return {};
  found.vectors.push_back({std::string(name()), version(), shot_statistics(decoded)});
  const auto cutting = cutting_of(decoded);
  found.facts.set("shots", cutting.shots);
  found.facts.set("shot_s", std::round(cutting.mean_s * 100) / 100);
  return {};
}

}  // namespace zhiyin
