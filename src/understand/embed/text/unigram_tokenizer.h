// Unigram language model (Kudo 2018, arXiv 1804.10959), as SentencePiece uses it: of all ways to cut a text into pieces
// of the vocabulary, the one with the largest sum of log probabilities. A blank is "▁", and one stands before the first
// word.
//
// A character that no piece covers costs 10 more than the worst piece; a run of them is one unknown token, or their
// bytes where the vocabulary has pieces for bytes ("<0xE7>").
#pragma once

#include <array>

#include "understand/embed/text/normalise.h"
#include "understand/embed/text/tokenizer.h"
#include "understand/embed/text/vocabulary.h"

namespace zhiyin {

class UnigramTokenizer final : public Tokenizer {
 public:
  struct Piece {
    std::string text;
    double score = 0;     // log probability
    bool matched = true;  // false for unknown, control and unused pieces, and bytes: they stand in no text
  };
  struct Options {
    Normaliser normaliser;
    bool blank_first = true;    // "▁" before the first word
    bool single_blanks = true;  // several blanks are one, none stands at the ends
    bool bytes = false;         // what is unknown is spelled in bytes
    std::int64_t unknown = 0;   // its id
    std::int64_t offset = 0;    // added to every id
  };
  // The id of a piece is its place in the list. Errors: no piece, an unknown that is no piece, bytes that are missing.
  static Result<std::unique_ptr<UnigramTokenizer>> make(std::span<const Piece> pieces, Options options);

  // Cost: length of the text x length of the longest piece.
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view utf8) const override;
  [[nodiscard]] std::string decode(std::span<const std::int64_t> ids) const override;
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const override;

 private:
  struct Known {
    double score = 0;
    std::int64_t id = -1;
  };
  // A node of the trie of pieces, by bytes. Nodes are numbered; 0 is the root.
  UnigramTokenizer() = default;
  void insert(std::string_view piece, Known known);
  void spell(std::string_view unknown, std::vector<std::int64_t>& ids) const;

  Options options_;
  Vocabulary vocabulary_;
  std::vector<Known> nodes_{Known{}};
  std::unordered_map<std::uint64_t, std::uint32_t> children_;  // (node, byte) -> node
  std::array<std::int64_t, 256> bytes_{};
  double unknown_score_ = 0;
};

}  // namespace zhiyin
