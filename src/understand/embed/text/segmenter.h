// Chinese words: where they begin and end in a text that has no spaces.
//
// Of all ways to cut a run of characters into words of the dictionary, the one with the largest sum of unigram log
// probabilities, found by dynamic programming from the end of the run (as jieba does). A character alone is always
// allowed, as unlikely as the rarest word. Names and new words that the dictionary lacks come out in pieces.
//
// Opened from a memory map in a few milliseconds. Immutable; thread-safe. Views live as long as the segmenter and the
// text.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/embed/text/word_table.h"

namespace zhiyin {

// What kind of word, by the first letter of jieba's tag.
enum class WordKind : std::uint8_t { kNoun, kVerb, kAdjective, kIdiom, kAdverb, kNumber, kMeasure, kFunction, kOther };

struct ChineseWord {
  std::string_view text;  // a view into what was cut
  WordKind kind = WordKind::kOther;
  float idf = 0;  // inverse document frequency; the median of all words where nobody counted
  bool known = false;
};

class Segmenter {
 public:
  static constexpr std::string_view kFile = "dictionaries/jieba/words.safetensors";  // in the cache of models
  static constexpr std::size_t kMaxCharacters = 8;                                   // of a word

  static Result<std::unique_ptr<const Segmenter>> open(const std::filesystem::path& cache);
  static Result<std::unique_ptr<const Segmenter>> from(const Tensors& file);

  // Simplified Chinese characters as UTF-8. The words in order; together they are the text.
  [[nodiscard]] std::vector<ChineseWord> cut(std::string_view han) const;

 private:
  WordTable words_;
  Tensor log_probability_, idf_, kind_;
  float rarest_ = 0;  // log probability of a character that is no word
  float median_idf_ = 0;
};

}  // namespace zhiyin
