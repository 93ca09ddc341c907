// A sorted list of strings in a file, found by binary search where the map of the file lies: opening costs no parsing.
//
// On disk two arrays of a safetensors file: NAME.bytes (uint8), all strings one after the other, and NAME.ends
// (uint32), where each ends. Strings are sorted by bytes, which for UTF-8 is by code points. Immutable; thread-safe.
// Views live as long as the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/tensors.h"

namespace zhiyin {

// Any strings in the order given; what a WordTable is made of, and the values beside it.
class TextColumn {
 public:
  static Result<TextColumn> from(const Tensors& file, std::string_view name);
  static void put(Tensors& file, const std::string& name, std::span<const std::string> texts);

  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return text_.substr(begin, ends_[i] - begin);
  }

 private:
  Tensor bytes_, end_tensor_;  // keep the map alive
  std::string_view text_;
  std::span<const std::uint32_t> ends_;
};

class WordTable {
 public:
  // Errors (kCorrupt): arrays that are missing or do not fit. The order is trusted: it is our own file, known by its
  // hash.
  static Result<WordTable> from(const Tensors& file, std::string_view name);

  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const { return words_[i]; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view word) const;

  struct Prefix {
    std::size_t length;  // bytes
    std::size_t index;
  };
  // The words that `text` begins with, shortest first, none longer than max_bytes. Cost: a few binary searches, each in
  // a smaller part of the table.
  void prefixes_of(std::string_view text, std::size_t max_bytes, std::vector<Prefix>& found) const;

 private:
  TextColumn words_;
};

}  // namespace zhiyin
