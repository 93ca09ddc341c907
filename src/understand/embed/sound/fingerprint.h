// Chromaprint: what a recording sounds like in a few hundred bytes, the same after another codec or container.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/media/media.h"

namespace zhiyin {

inline constexpr std::string_view kFingerprint = "fingerprint";  // the sense; its fact is "chromaprint"

// Compressed and in URL-safe base64, as AcoustID takes it (algorithm 2, the default); "" for sound too short to have
// one (under about 3 s). Thread-safe.
Result<std::string> fingerprint_of(const Sound& sound);

// 32 bits for each eighth of a second. Errors: kInvalid for text that is no fingerprint.
Result<std::vector<std::uint32_t>> fingerprint_bits(std::string_view fingerprint);

struct FingerprintMatch {
  double same_bits = 0.5;  // [0, 1]: share of equal bits where the two overlap; .5 is chance
  int offset = 0;          // b[i + offset] stands against a[i]
  int overlap = 0;         // words compared
};

// The offset at which most bits agree; at least half of the shorter one must overlap. {.5, 0, 0} if either is empty.
// Re-encoded recordings agree in .9 and more, different ones in about .5 to .6.
FingerprintMatch best_match(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

}  // namespace zhiyin
