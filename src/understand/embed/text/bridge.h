// Chinese in English words: a dictionary bridge into the space of an English encoder.
//
// A run of Chinese is brought to simplified characters, cut into words, and each word replaced by the first plain
// English meaning that CC-CEDICT gives: "如何在家制作麻辣面条" -> "how at home make hot and numbing noodles". No
// sentence a person would write, but one whose content words an English encoder understands. What is not Chinese stays
// where it stands, so a mixed text keeps its order.
//
// Words the dictionary lacks are replaced by the longest parts it has. Particles, measure words and pronouns say
// nothing of a subject and are left out. Opened from memory maps in a few milliseconds. Immutable; thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "understand/embed/text/segmenter.h"
#include "understand/embed/text/word_table.h"

namespace zhiyin {

class ChineseBridge {
 public:
  static constexpr std::string_view kFile = "dictionaries/cc-cedict/glosses.safetensors";  // in the cache of models

  // Errors name the file that is missing or damaged.
  static Result<std::unique_ptr<const ChineseBridge>> open(const std::filesystem::path& cache);
  static Result<std::unique_ptr<const ChineseBridge>> from(const Tensors& glosses,
                                                           std::unique_ptr<const Segmenter> segmenter);

  // The text with each run of Chinese characters replaced by English words; "" if that leaves nothing.
  [[nodiscard]] std::string to_english(std::string_view utf8) const;

  // Traditional characters that have one simplified form are replaced by it; every other character stays.
  [[nodiscard]] std::string simplified(std::string_view utf8) const;

  // The English of one word of simplified Chinese; "" if the dictionary has no plain one.
  [[nodiscard]] std::string_view gloss(std::string_view word) const;

  [[nodiscard]] const Segmenter& segmenter() const { return *segmenter_; }

 private:
  void add_glosses(std::string_view han, std::string& english) const;
  void add_parts(std::string_view word, std::string& english) const;
  [[nodiscard]] char32_t simplified(char32_t c) const;

  std::unique_ptr<const Segmenter> segmenter_;
  WordTable words_;
  TextColumn glosses_;               // beside words_
  Tensor traditional_, simplified_;  // characters, sorted by the first
};

}  // namespace zhiyin
