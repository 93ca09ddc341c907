// Byte-level byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909; over bytes: GPT-2, Radford et al. 2019). A
// text is cut into pieces, each piece into its bytes, and the two neighbours whose merge was learned first become one,
// until no merge is left. Every text has ids; none is unknown.
//
// Files write a byte as a visible character (a blank is "Ġ"): byte_letters() has the table.
#pragma once

#include <array>

#include "understand/embed/text/normalise.h"
#include "understand/embed/text/splitter.h"
#include "understand/embed/text/tokenizer.h"
#include "understand/embed/text/vocabulary.h"

namespace zhiyin {

// The character, in UTF-8, that stands for each byte.
const std::array<std::string, 256>& byte_letters();

class BpeTokenizer final : public Tokenizer {
 public:
  struct Options {
    Normaliser normaliser;
    Splitter splitter;
    std::string end_of_word;     // on the last letter of every piece: CLIP's "</w>"
    bool ignore_merges = false;  // a piece that is a token is that token, whatever the merges say
  };
  using Merge = std::pair<std::string, std::string>;

  // Merges in the order learned. Errors: a merge of or into what is no token.
  static Result<std::unique_ptr<BpeTokenizer>> make(Vocabulary vocabulary, std::span<const Merge> merges,
                                                    Options options);

  // Cost: n log n of a piece of n bytes. A byte without a token is left out.
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view utf8) const override;
  [[nodiscard]] std::string decode(std::span<const std::int64_t> ids) const override;
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const override {
    return vocabulary_.id_of(token);
  }

 private:
  struct Rule {
    std::size_t rank = 0;
    std::int64_t id = 0;  // what the two become
  };
  BpeTokenizer(Vocabulary vocabulary, Options options)
      : vocabulary_(std::move(vocabulary)), options_(std::move(options)) {}
  [[nodiscard]] const Rule* rule(std::int64_t left, std::int64_t right) const;
  void encode_piece(std::string_view piece, std::vector<std::int64_t>& ids) const;

  Vocabulary vocabulary_;
  Options options_;
  std::unordered_map<std::uint64_t, Rule> rules_;  // (left id, right id)
};

}  // namespace zhiyin
