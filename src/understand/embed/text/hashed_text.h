// Hashed text features (Weinberger et al. 2009, arXiv 0902.2206): what two texts of any language share in words and
// parts of words. Needs no file and learns nothing.
#pragma once

#include "understand/embed/text/text_encoder.h"

namespace zhiyin {

// After NFKC and case folding a text gives
//   - its words, and pairs of words that follow one another;
//   - the runs of 3 and 4 characters of each word, its ends marked: what inflections, compounds and misspellings share;
//   - for Chinese, Japanese and Korean, single characters and pairs of them instead of words.
// Each feature counts 1 + log(how often), times a weight of its kind, with a sign, into one of 512 sums; both the sign
// and the place come from its hash, so that collisions cancel on average. The result is scaled to unit length.
class HashedText final : public TextEncoder {
 public:
  static constexpr std::string_view kName = "text.hash";
  static constexpr int kVersion = 1;
  static constexpr std::size_t kDim = 512;

  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] int version() const override { return kVersion; }
  [[nodiscard]] std::size_t dim() const override { return kDim; }
  [[nodiscard]] Result<std::vector<float>> encode(std::span<const std::string> texts) const override;
};

}  // namespace zhiyin
