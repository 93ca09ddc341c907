#include "understand/embed/text/hashed_text.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

// The kinds of features: each hashes apart, and has its weight.
struct Kind {
  std::uint64_t seed;
  float weight;
};
constexpr Kind kWord{1, 1.0F};
constexpr Kind kWordPair{2, 0.6F};
constexpr Kind kWordPart{3, 0.3F};  // a word has about as many parts as letters twice over
constexpr Kind kCharacter{4, 0.6F};
constexpr Kind kCharacterPair{5, 1.0F};

constexpr std::size_t kMaxCharacters = 20'000;  // of one text: the rest says nothing new of it
constexpr char32_t kWordEnd = U'\uE000';        // from the private area, so that no text has it by chance

// The features of one text by their hash. Sums are taken in the order of hashes, so that a text has one vector.
class Features {
 public:
  void add(const Kind& kind, std::u32string_view characters) {
    auto hash = mix64(kind.seed);
    for (const auto c : characters) hash = mix64(hash ^ c);
    found_.push_back({hash, kind.weight});
  }

  // Adds up into `sums`, then scales to unit length; zeros stay zeros.
  void write(std::span<float> sums) {
    std::ranges::sort(found_, {}, &Feature::hash);
    for (std::size_t i = 0, next = 0; i < found_.size(); i = next) {
      const auto& [hash, weight] = found_[i];
      while (next < found_.size() && found_[next].hash == hash) ++next;
      const auto value = weight * (1.0F + std::log(static_cast<float>(next - i)));
      sums[hash % sums.size()] += (hash >> 63U) != 0 ? value : -value;
    }
    double squares = 0;
    for (const auto sum : sums) squares += double{sum} * sum;
    if (squares <= 0) return;
    const auto scale = static_cast<float>(1.0 / std::sqrt(squares));
    for (auto& sum : sums) sum *= scale;
  }

 private:
  struct Feature {
    std::uint64_t hash;
    float weight;
  };
  std::vector<Feature> found_;
};

void add_word(Features& features, std::u32string_view previous, std::u32string_view word) {
  features.add(kWord, word);
  if (!previous.empty()) {
    std::u32string pair(previous);
    pair += kWordEnd;
    pair += word;
    features.add(kWordPair, pair);
  }
  std::u32string marked(1, kWordEnd);
  marked += word;
  marked += kWordEnd;
  for (const std::size_t length : {3U, 4U}) {
    for (std::size_t i = 0; i + length <= marked.size(); ++i) {
      features.add(kWordPart, std::u32string_view(marked).substr(i, length));
    }
  }
}

void add_cjk_run(Features& features, std::u32string_view run) {
  for (std::size_t i = 0; i < run.size(); ++i) {
    features.add(kCharacter, run.substr(i, 1));
    if (i + 1 < run.size()) features.add(kCharacterPair, run.substr(i, 2));
  }
}

enum class Run { kNone, kAlphabetic, kCjk };

Run run_of(char32_t c, Run before) {
  switch (character_class(c)) {
    case CharacterClass::kCjk: return Run::kCjk;
    case CharacterClass::kDigit:
    case CharacterClass::kLatin:
    case CharacterClass::kLetter: return Run::kAlphabetic;
    case CharacterClass::kMark: return before;
    case CharacterClass::kOther: return Run::kNone;
  }
  return Run::kNone;
}

void add_text(Features& features, std::u32string_view text) {
  std::u32string_view previous;  // the word before, if nothing but spaces and punctuation lies between
  Run here = Run::kNone;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const auto next = i < text.size() ? run_of(text[i], here) : Run::kNone;
    if (next == here) continue;
    const auto run = text.substr(start, i - start);
    if (here == Run::kAlphabetic) {
      add_word(features, previous, run);
      previous = run;
    } else if (here == Run::kCjk) {
      add_cjk_run(features, run);
      previous = {};
    }
    here = next;
    start = i;
  }
}

}  // namespace

Result<std::vector<float>> HashedText::encode(std::span<const std::string> texts) const {
  std::vector<float> vectors(texts.size() * kDim, 0.0F);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Features features;
    const auto text = nfkc_casefold(texts[i]);
    add_text(features, std::u32string_view(text).substr(0, kMaxCharacters));
    features.write(std::span(vectors).subspan(i * kDim, kDim));
  }
  return vectors;
}

}  // namespace zhiyin
