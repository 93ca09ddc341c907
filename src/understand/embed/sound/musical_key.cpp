#include "understand/embed/sound/musical_key.h"

#include <array>
#include <cassert>
#include <cmath>
#include <string_view>

namespace zhiyin {
namespace {

// How well each tone fits after a key was played, as listeners judged: table 2.1 of the book, from the tonic up.
constexpr std::array<double, 12> kMajor = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr std::array<double, 12> kMinor = {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

// Pearson's correlation of the classes, turned down by `tonic`, with a profile; NaN where they are all equal.
double likeness(std::span<const float> classes, int tonic, const std::array<double, 12>& profile) {
  double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const double x = classes[(i + static_cast<std::size_t>(tonic)) % 12];
    const double y = profile[i];
    sx += x;
    sy += y;
    sxx += x * x;
    syy += y * y;
    sxy += x * y;
  }
  return (12 * sxy - sx * sy) / std::sqrt((12 * sxx - sx * sx) * (12 * syy - sy * sy));
}

}  // namespace

std::optional<MusicalKey> key_of(std::span<const float> pitch_classes) {
  assert(pitch_classes.size() == 12);
  std::optional<MusicalKey> best;
  double second = -1;
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (const bool minor : {false, true}) {
      const double like = likeness(pitch_classes, tonic, minor ? kMinor : kMajor);
      if (!std::isfinite(like)) return std::nullopt;
      if (!best || like > best->likeness) {
        if (best) second = best->likeness;
        best = MusicalKey{tonic, minor, like, 0};
      } else if (like > second) {
        second = like;
      }
    }
  }
  best->lead = best->likeness - second;
  return best;
}

std::string to_string(const MusicalKey& key) {
  constexpr std::array<std::string_view, 12> kNames = {"C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"};
  return std::string(kNames[static_cast<std::size_t>(key.tonic)]) + (key.minor ? " minor" : " major");
}

}  // namespace zhiyin
