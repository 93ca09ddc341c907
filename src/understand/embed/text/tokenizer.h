// Text -> the ids a network reads, and back. Three families share this interface: WordPiece, byte-level BPE and
// unigram. Thread-safe once made.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/embed/onnx/encoder_description.h"

namespace zhiyin {

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // The ids of the text alone. A special token that stands in the text ("[SEP]") is text like any other: what people
  // write must not steer the network. Invalid UTF-8 is read as U+FFFD.
  [[nodiscard]] virtual std::vector<std::int64_t> encode(std::string_view utf8) const = 0;

  // The text of the ids, valid UTF-8. Ids that are not in the vocabulary are left out.
  [[nodiscard]] virtual std::string decode(std::span<const std::int64_t> ids) const = 0;

  [[nodiscard]] virtual std::optional<std::int64_t> id_of(std::string_view token) const = 0;
};

// A tokenizer with the special tokens that its network expects around every text.
struct FramedTokenizer {
  std::unique_ptr<Tokenizer> tokenizer;
  std::map<std::string, std::int64_t, std::less<>> special;  // the file's added tokens: "<|endoftext|>" -> 50256
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
  std::int64_t pad = -1;  // until known

  // begin, the text's ids, end: at most max_length of them, the text cut where it is longer.
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view utf8, std::size_t max_length) const;

  // A special token, or one of the vocabulary.
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const;
};

// Reads the usual files: vocab.txt; tokenizer.json; vocab.json with merges.txt; a SentencePiece .model. Errors name the
// file, the place in it and what is not understood.
Result<FramedTokenizer> open_tokenizer(const TokenizerDescription& description);

}  // namespace zhiyin
