// The table by which a SentencePiece model normalises text: a trie of what is replaced (a double array, Aoe 1989, in
// the layout of darts-clone) and the texts that replace it. It comes with the model, so that text is what it was in
// training.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace zhiyin {

class Charsmap {
 public:
  // bytes: the length of the trie in 4 bytes, the trie, the texts, each with a zero at its end. An error where the
  // lengths do not fit.
  static Result<Charsmap> from_bytes(std::string_view bytes);

  // At every place the longest entry is replaced; a character that none begins with stays. Text is valid UTF-8.
  [[nodiscard]] std::string apply(std::string_view utf8) const;

 private:
  std::vector<std::uint32_t> units_;
  std::string texts_;
};

}  // namespace zhiyin
