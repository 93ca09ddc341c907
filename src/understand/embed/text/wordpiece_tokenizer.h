// WordPiece, as BERT uses it (Devlin et al. 2019, arXiv 1810.04805): words apart at blanks and punctuation, each word
// the longest token that begins it, then the longest "##" token that goes on, and so forth; [UNK] for a word that
// cannot be put together.
#pragma once

#include "understand/embed/text/normalise.h"
#include "understand/embed/text/tokenizer.h"
#include "understand/embed/text/vocabulary.h"

namespace zhiyin {

class WordPieceTokenizer final : public Tokenizer {
 public:
  struct Options {
    std::string unknown = "[UNK]";
    std::string go_on = "##";   // before a token that continues a word
    std::size_t longest = 100;  // characters of a word; a longer one is unknown
  };
  // An error where the vocabulary lacks the unknown token.
  static Result<std::unique_ptr<WordPieceTokenizer>> make(Vocabulary vocabulary, Normaliser normaliser,
                                                          Options options);
  static Result<std::unique_ptr<WordPieceTokenizer>> make(Vocabulary vocabulary, Normaliser normaliser) {
    return make(std::move(vocabulary), std::move(normaliser), Options());
  }

  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view utf8) const override;
  [[nodiscard]] std::string decode(std::span<const std::int64_t> ids) const override;
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const override {
    return vocabulary_.id_of(token);
  }

 private:
  WordPieceTokenizer(Vocabulary vocabulary, Normaliser normaliser, Options options, std::int64_t unknown)
      : vocabulary_(std::move(vocabulary)),
        normaliser_(std::move(normaliser)),
        options_(std::move(options)),
        unknown_(unknown) {}
  void encode_word(std::u32string_view word, std::vector<std::int64_t>& ids) const;

  Vocabulary vocabulary_;
  Normaliser normaliser_;
  Options options_;
  std::int64_t unknown_;
};

// What BERT does to a text first.
Normaliser bert_normaliser(bool clean, bool split_cjk, bool strip_accents, bool lower_case);

}  // namespace zhiyin
