// A fixed number of bits, 64 a word: which rows of a table are meant. Copying is a memcpy.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace zhiyin {

class Bitmap {
 public:
  Bitmap() = default;
  explicit Bitmap(std::size_t size) : size_(size), words_((size + kWord - 1) / kWord, 0) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool operator[](std::size_t i) const { return (words_[i / kWord] >> (i % kWord) & 1U) != 0; }
  void set(std::size_t i) { words_[i / kWord] |= std::uint64_t{1} << (i % kWord); }
  void clear(std::size_t i) { words_[i / kWord] &= ~(std::uint64_t{1} << (i % kWord)); }

  [[nodiscard]] std::size_t count() const {
    std::size_t count = 0;
    for (const auto word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }

  // The bits that are set in both, as many as this one has; the other may be longer or shorter.
  [[nodiscard]] Bitmap both(const Bitmap& other) const {
    Bitmap both(size_);
    for (std::size_t w = 0; w < std::min(words_.size(), other.words_.size()); ++w)
      both.words_[w] = words_[w] & other.words_[w];
    return both;
  }

  // Calls visit(i) for each bit that is set, ascending.
  template <typename Visit>
  void each(const Visit& visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      for (auto word = words_[w]; word != 0; word &= word - 1)
        visit(w * kWord + static_cast<std::size_t>(std::countr_zero(word)));
    }
  }

  // Bit i is bit i % 64 of word i / 64; those beyond size() are 0.
  [[nodiscard]] std::span<const std::uint64_t> words() const { return words_; }

 private:
  static constexpr std::size_t kWord = 64;
  std::size_t size_ = 0;
  std::vector<std::uint64_t> words_;
};

// The members of a set by number, 0 for the lowest: an array of what is known of members alone needs no other table.
class Ranks {
 public:
  Ranks() = default;
  explicit Ranks(Bitmap members) : members_(std::move(members)) {
    std::uint32_t before = 0;
    for (const auto word : members_.words()) {
      before_.push_back(before);
      before += static_cast<std::uint32_t>(std::popcount(word));
    }
  }

  [[nodiscard]] bool has(std::size_t i) const { return members_[i]; }
  // Of a member: how many are lower.
  [[nodiscard]] std::size_t rank(std::size_t i) const {
    const auto below = members_.words()[i / 64] & ((std::uint64_t{1} << (i % 64)) - 1);
    return before_[i / 64] + static_cast<std::size_t>(std::popcount(below));
  }

 private:
  Bitmap members_;
  std::vector<std::uint32_t> before_;  // by word of members_
};

}  // namespace zhiyin
