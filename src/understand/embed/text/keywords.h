// What a text is about, in a few of its own words, English and Chinese.
//
// English: RAKE (Rose et al. 2010). Stop words and punctuation cut a text into phrases; a word's score is its degree
// (words it stands beside in phrases, itself counted) over its frequency, a phrase's the sum of its words'. Needs no
// other texts. Chinese: words of two characters and more that name, tell or describe, by how often they come here times
// how rarely they come elsewhere (jieba's inverse document frequencies). Without the dictionaries Chinese text gives
// none.
//
// Immutable; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/perception.h"
#include "understand/embed/text/bridge.h"

namespace zhiyin {

struct Keyword {
  std::string text;   // lower case; Chinese in the characters of the text
  double weight = 0;  // (0, 1]; the best of each language has 1
};

class KeywordFinder {
 public:
  static constexpr std::string_view kName = "text.keywords";

  explicit KeywordFinder(std::shared_ptr<const ChineseBridge> bridge) : bridge_(std::move(bridge)) {}

  // At most `count`, best first, ties in the order of the text.
  [[nodiscard]] std::vector<Keyword> keywords(std::string_view text, std::size_t count) const;

  // The same as tags of an item.
  [[nodiscard]] std::vector<PerceivedTag> tags(std::string_view text, std::size_t count) const;

 private:
  std::shared_ptr<const ChineseBridge> bridge_;  // may be null
};

}  // namespace zhiyin
