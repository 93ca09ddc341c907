// The key of music from its pitch classes.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace zhiyin {

struct MusicalKey {
  int tonic = 0;  // 0 is C, 11 is B
  bool minor = false;
  double likeness = 0;  // correlation with the key's profile, [-1, 1]
  double lead = 0;      // over the second most likely key
};

// Krumhansl (1990, "Cognitive Foundations of Musical Pitch"): the key whose probe-tone profile, turned to its tonic,
// correlates most with the 12 pitch classes (from C). Nothing where they are all equal, silence among them.
std::optional<MusicalKey> key_of(std::span<const float> pitch_classes);

// "C major", "F# minor".
std::string to_string(const MusicalKey& key);

}  // namespace zhiyin
