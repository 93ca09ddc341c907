#include "understand/embed/text/keywords.h"

#include <algorithm>
#include <array>
#include <map>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMaxCharacters = 20'000;  // of one text: the rest says nothing new of it
constexpr std::size_t kMaxPhrase = 3;  // words; a longer run is a sentence without stop words, and counts word by word

// Sorted. Words that hold sentences together, and those that every description of a video has.
constexpr auto kStopWords = std::to_array<std::string_view>(
    {"a",       "about", "above",   "after",  "again",  "against", "all",     "also",   "am",     "an",     "and",
     "any",     "are",   "aren't",  "as",     "at",     "be",      "because", "been",   "before", "being",  "below",
     "between", "both",  "but",     "by",     "can",    "can't",   "could",   "did",    "do",     "does",   "doesn't",
     "doing",   "don't", "down",    "during", "each",   "ever",    "every",   "few",    "for",    "from",   "further",
     "get",     "gets",  "got",     "had",    "has",    "have",    "having",  "he",     "her",    "here",   "hers",
     "herself", "him",   "himself", "his",    "how",    "i",       "i'm",     "if",     "in",     "into",   "is",
     "isn't",   "it",    "it's",    "its",    "itself", "just",    "let",     "let's",  "like",   "made",   "make",
     "many",    "may",   "me",      "might",  "more",   "most",    "much",    "must",   "my",     "myself", "new",
     "no",      "nor",   "not",     "now",    "of",     "off",     "on",      "once",   "one",    "only",   "or",
     "other",   "our",   "ours",    "out",    "over",   "own",     "per",     "please", "really", "s",      "same",
     "see",     "she",   "should",  "so",     "some",   "still",   "such",    "t",      "than",   "that",   "that's",
     "the",     "their", "theirs",  "them",   "then",   "there",   "these",   "they",   "this",   "those",  "through",
     "to",      "too",   "two",     "under",  "until",  "up",      "us",      "use",    "used",   "using",  "very",
     "via",     "vs",    "want",    "was",    "we",     "were",    "what",    "when",   "where",  "which",  "while",
     "who",     "whom",  "why",     "will",   "with",   "without", "won't",   "would",  "you",    "your",   "yours",
     "yourself"});
static_assert(std::ranges::is_sorted(kStopWords));

bool is_stop_word(std::string_view word) { return std::ranges::binary_search(kStopWords, word); }

// Scores by text, in the order of their first appearance.
class Scores {
 public:
  double& operator[](const std::string& text) {
    const auto [entry, added] = place_.try_emplace(text, all_.size());
    if (added) all_.push_back({text, 0});
    return all_[entry->second].weight;
  }
  // The best has 1.
  std::vector<Keyword> take() {
    double best = 0;
    for (const auto& keyword : all_) best = std::max(best, keyword.weight);
    for (auto& keyword : all_) keyword.weight /= best;
    return std::move(all_);
  }

 private:
  std::map<std::string, std::size_t> place_;
  std::vector<Keyword> all_;
};

using Phrase = std::vector<std::string>;

// Runs of words between stop words and punctuation, of at most kMaxPhrase words.
class Phrases {
 public:
  void add(char32_t c) {
    const auto kind = character_class(c);
    const bool letter =
        kind == CharacterClass::kLatin || kind == CharacterClass::kLetter || kind == CharacterClass::kMark;
    if (letter || kind == CharacterClass::kDigit) {
      word_ += c;
      letters_ = letters_ || letter;
    } else if ((c == U'\'' || c == U'\u2019' || c == U'-') && !word_.empty()) {
      word_ += c == U'\u2019' ? U'\'' : c;
    } else {
      end_word();
      if (c != U' ') end_phrase();
    }
  }
  std::vector<Phrase> take() {
    end_word();
    end_phrase();
    return std::move(phrases_);
  }

 private:
  void end_word() {
    while (!word_.empty() && (word_.back() == U'\'' || word_.back() == U'-')) word_.pop_back();
    const auto word = to_utf8(word_);
    if (word.empty()) return;
    // Numbers alone name nothing, but they do not part the words beside them either: "top 10 goals".
    const bool says_nothing = is_stop_word(word) || (letters_ && word_.size() == 1);
    if (says_nothing) {
      end_phrase();
    } else if (letters_) {
      phrase_.push_back(word);
    }
    word_.clear();
    letters_ = false;
  }
  void end_phrase() {
    if (phrase_.size() > kMaxPhrase) {
      for (auto& word : phrase_) phrases_.push_back({std::move(word)});
    } else if (!phrase_.empty()) {
      phrases_.push_back(phrase_);
    }
    phrase_.clear();
  }

  std::u32string word_;
  bool letters_ = false;
  Phrase phrase_;
  std::vector<Phrase> phrases_;
};

std::vector<Keyword> by_rake(const std::vector<Phrase>& phrases) {
  struct Word {
    double frequency = 0;
    double degree = 0;
  };
  std::map<std::string, Word> words;
  for (const auto& phrase : phrases) {
    for (const auto& word : phrase) {
      words[word].frequency += 1;
      words[word].degree += static_cast<double>(phrase.size());
    }
  }
  Scores scores;
  for (const auto& phrase : phrases) {
    std::string text;
    double score = 0;
    for (const auto& word : phrase) {
      text += (text.empty() ? "" : " ") + word;
      score += words[word].degree / words[word].frequency;
    }
    scores[text] += score;  // said twice, it counts twice
  }
  return scores.take();
}

bool can_be_keyword(const ChineseWord& word) {
  switch (word.kind) {
    case WordKind::kNoun:
    case WordKind::kVerb:
    case WordKind::kAdjective:
    case WordKind::kIdiom: return word.known;
    default: return false;
  }
}

void add_chinese(const ChineseBridge& bridge, std::u32string_view run, Scores& scores) {
  // One simplified character for each, so that places are the same in both.
  const auto simplified = bridge.simplified(to_utf8(run));
  std::size_t at = 0;
  for (const auto& word : bridge.segmenter().cut(simplified)) {
    const auto length = code_points(word.text).size();
    if (length >= 2 && can_be_keyword(word)) scores[to_utf8(run.substr(at, length))] += word.idf;
    at += length;
  }
}

}  // namespace

std::vector<Keyword> KeywordFinder::keywords(std::string_view text, std::size_t count) const {
  auto characters = nfkc_casefold(text);
  characters.resize(std::min(characters.size(), kMaxCharacters));
  Phrases phrases;
  Scores chinese;
  for (std::size_t at = 0; at < characters.size();) {
    if (!is_han(characters[at])) {
      phrases.add(characters[at++]);
      continue;
    }
    const auto begin = at;
    while (at < characters.size() && is_han(characters[at])) ++at;
    phrases.add(U'.');
    if (bridge_) add_chinese(*bridge_, std::u32string_view(characters).substr(begin, at - begin), chinese);
  }
  auto found = by_rake(phrases.take());
  std::ranges::move(chinese.take(), std::back_inserter(found));
  std::ranges::stable_sort(found, std::greater<>{}, &Keyword::weight);
  found.resize(std::min(found.size(), count));
  return found;
}

std::vector<PerceivedTag> KeywordFinder::tags(std::string_view text, std::size_t count) const {
  std::vector<PerceivedTag> tags;
  for (auto& [word, weight] : keywords(text, count)) tags.push_back({std::move(word), weight, std::string(kName)});
  return tags;
}

}  // namespace zhiyin
