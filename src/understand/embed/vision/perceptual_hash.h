// Perceptual hashes: 64 bits of a picture that stay nearly the same when it is scaled, re-encoded or slightly
// brightened, and that two different pictures rarely share. For finding near-duplicates.
//
// The luma is brought to 32 x 32 and transformed (DCT-II); the 8 x 8 lowest frequencies but the constant row and column
// (u, v in 1..8) give one bit each: whether the coefficient lies over their median (Zauner 2010, "pHash").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "understand/sense.h"

namespace zhiyin {

// nullopt for a picture with next to no contrast, whose bits would be noise. The frame must have pixels.
std::optional<std::uint64_t> perceptual_hash(const Frame& frame);

// Sixteen lower-case hex digits, and back; nullopt where the text is something else.
std::string hash_text(std::uint64_t hash);
std::optional<std::uint64_t> hash_from_text(std::string_view text);

// In how many bits two hashes differ (Hamming): unrelated pictures differ in about 32.
int hash_distance(std::uint64_t a, std::uint64_t b);

inline constexpr int kSamePicture = 10;  // bits: up to here two hashes are of one picture

// The share of the smaller set's hashes that have one of the same picture in the other: 1 for a cut or re-encoded copy,
// 0 where nothing is shared or a set is empty.
double shared_pictures(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b);

// Sets the fact "phash": the hashes of the key frames in order of time, as a list of texts.
class PerceptualHash final : public Sense {
 public:
  static constexpr std::string_view kName = "vision.phash";
  static constexpr std::string_view kFact = "phash";

  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override;
};

// The hashes that were stored with an item; none where its facts have none.
std::vector<std::uint64_t> stored_hashes(const Perception& perception);

}  // namespace zhiyin
