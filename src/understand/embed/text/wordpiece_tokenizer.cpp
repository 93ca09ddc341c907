#include "understand/embed/text/wordpiece_tokenizer.h"

#include <fmt/format.h>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {

Normaliser bert_normaliser(bool clean, bool split_cjk, bool strip_accents, bool lower_case) {
  Normaliser normaliser;
  if (clean) normaliser.add(&cleaned);
  if (split_cjk) normaliser.add(&with_han_apart);
  if (strip_accents) normaliser.add(&without_accents);
  if (lower_case) normaliser.add(&lower_cased);
  return normaliser;
}

Result<std::unique_ptr<WordPieceTokenizer>> WordPieceTokenizer::make(Vocabulary vocabulary, Normaliser normaliser,
                                                                     Options options) {
  const auto unknown = vocabulary.id_of(options.unknown);
  if (!unknown) {
    return invalid(fmt::format("the vocabulary of {} tokens lacks {}: is it a WordPiece vocabulary?", vocabulary.size(),
                               options.unknown));
  }
  return std::unique_ptr<WordPieceTokenizer>(
      new WordPieceTokenizer(std::move(vocabulary), std::move(normaliser), std::move(options), *unknown));
}

std::vector<std::int64_t> WordPieceTokenizer::encode(std::string_view utf8) const {
  const auto text = code_points(normaliser_(utf8));
  std::vector<std::int64_t> ids;
  std::size_t begin = 0;
  const auto end_word = [&](std::size_t end) {
    if (end > begin) encode_word(std::u32string_view(text).substr(begin, end - begin), ids);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool sign = is_punctuation(text[i]);
    if (!sign && !is_white_space(text[i])) continue;
    end_word(i);
    begin = i;
    if (sign) end_word(i + 1);  // a word of its own
    begin = i + 1;
  }
  end_word(text.size());
  return ids;
}

void WordPieceTokenizer::encode_word(std::u32string_view word, std::vector<std::int64_t>& ids) const {
  const auto before = ids.size();
  const auto give_up = [&] {
    ids.resize(before);
    ids.push_back(unknown_);
  };
  if (word.size() > options_.longest) return give_up();
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t end = word.size();
    for (; end > begin; --end) {
      const auto piece = to_utf8(word.substr(begin, end - begin));
      const auto id = vocabulary_.id_of(begin == 0 ? piece : options_.go_on + piece);
      if (!id) continue;
      ids.push_back(*id);
      break;
    }
    if (end == begin) return give_up();
    begin = end;
  }
}

std::string WordPieceTokenizer::decode(std::span<const std::int64_t> ids) const {
  std::string text;
  for (const auto id : ids) {
    auto token = vocabulary_.token_of(id);
    if (token.empty()) continue;
    if (token.starts_with(options_.go_on)) {
      token.remove_prefix(options_.go_on.size());
    } else if (!text.empty()) {
      text += ' ';
    }
    text += token;
  }
  return text;
}

}  // namespace zhiyin
