#include "understand/embed/text/keywords.h"

#include <algorithm>
#include <array>
#include <map>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMaxCharacters = 20'000;  // of one text: the rest says nothing new of it
constexpr std::size_t kMaxPhrase = 3;  // words; a longer run is a sentence without stop words, and counts word by word

// Sorted. Words that hold sentences together, verbs that say nothing of a subject, small numbers, and what
// every description of a video has.
constexpr auto kStopWords = std::to_array<std::string_view>(
    {"a",         "about",   "above",    "across",     "actually",   "after",   "again",    "against",   "ago",
     "ain't",     "all",     "almost",   "along",      "already",    "also",    "although", "always",    "am",
     "among",     "an",      "and",      "another",    "any",        "anyone",  "anything", "are",       "aren't",
     "around",    "as",      "at",       "away",       "basically",  "be",      "became",   "because",   "become",
     "becomes",   "been",    "before",   "being",      "below",      "best",    "better",   "between",   "bit",
     "both",      "but",     "by",       "came",       "can",        "can't",   "cannot",   "come",      "comes",
     "coming",    "could",   "couldn't", "did",        "didn't",     "do",      "does",     "doesn't",   "doing",
     "don't",     "down",    "during",   "each",       "eight",      "either",  "else",     "enough",    "etc",
     "even",      "ever",    "every",    "everyone",   "everything", "few",     "find",     "finds",     "first",
     "five",      "for",     "found",    "four",       "from",       "further", "gave",     "get",       "gets",
     "getting",   "give",    "given",    "gives",      "giving",     "go",      "goes",     "going",     "gone",
     "good",      "got",     "gotten",   "had",        "hadn't",     "has",     "hasn't",   "have",      "haven't",
     "having",    "he",      "he'll",    "he's",       "hello",      "help",    "helps",    "her",       "here",
     "here's",    "hers",    "herself",  "him",        "himself",    "his",     "how",      "how's",     "i",
     "i'd",       "i'll",    "i'm",      "i've",       "if",         "in",      "into",     "is",        "isn't",
     "it",        "it'd",    "it'll",    "it's",       "its",        "itself",  "just",     "keep",      "keeping",
     "keeps",     "kept",    "knew",     "know",       "known",      "knows",   "least",    "less",      "let",
     "let's",     "lets",    "like",     "look",       "looked",     "looking", "looks",    "lot",       "lots",
     "made",      "make",    "makes",    "making",     "many",       "may",     "maybe",    "me",        "might",
     "more",      "most",    "much",     "must",       "mustn't",    "my",      "myself",   "need",      "needed",
     "needs",     "neither", "never",    "new",        "nine",       "no",      "nor",      "not",       "nothing",
     "now",       "of",      "off",      "often",      "on",         "once",    "one",      "only",      "or",
     "other",     "our",     "ours",     "ourselves",  "out",        "over",    "own",      "per",       "perhaps",
     "please",    "put",     "puts",     "putting",    "quite",      "rather",  "really",   "s",         "said",
     "same",      "say",     "saying",   "says",       "see",        "seem",    "seemed",   "seems",     "seen",
     "sees",      "seven",   "shall",    "she",        "she'll",     "she's",   "should",   "shouldn't", "showing",
     "shown",     "shows",   "simply",   "since",      "six",        "so",      "some",     "someone",   "something",
     "sometimes", "still",   "such",     "t",          "take",       "taken",   "takes",    "taking",    "tell",
     "telling",   "tells",   "ten",      "than",       "thank",      "thanks",  "that",     "that's",    "the",
     "their",     "theirs",  "them",     "themselves", "then",       "there",   "there's",  "these",     "they",
     "they'd",    "they'll", "they're",  "they've",    "thing",      "things",  "think",    "thinking",  "thinks",
     "this",      "those",   "though",   "thought",    "three",      "through", "to",       "today",     "together",
     "told",      "too",     "took",     "toward",     "towards",    "tried",   "tries",    "truly",     "try",
     "trying",    "two",     "under",    "until",      "up",         "upon",    "us",       "use",       "used",
     "uses",      "using",   "very",     "via",        "vs",         "want",    "wanted",   "wants",     "was",
     "wasn't",    "we",      "we'd",     "we'll",      "we're",      "we've",   "welcome",  "well",      "went",
     "were",      "weren't", "what",     "what's",     "when",       "where",   "where's",  "whether",   "which",
     "while",     "who",     "who's",    "whom",       "why",        "will",    "with",     "within",    "without",
     "won't",     "would",   "wouldn't", "yet",        "you",        "you'd",   "you'll",   "you're",    "you've",
     "your",      "yours",   "yourself", "yourselves"});
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
