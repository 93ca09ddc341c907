#include "understand/embed/text/bridge.h"

#include <algorithm>
#include <array>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

// What a sentence could not do without, but a subject can.
bool says_something(const ChineseWord& word) {
  return word.kind != WordKind::kFunction && word.kind != WordKind::kMeasure && word.kind != WordKind::kNumber;
}

// Punctuation that Chinese has for itself, as English writes it. Brackets and quotation marks only separate.
char32_t in_ascii(char32_t c) {
  switch (c) {
    case U'。': return U'.';
    case U'、': return U',';
    case U'《':
    case U'》':
    case U'〈':
    case U'〉':
    case U'「':
    case U'」':
    case U'『':
    case U'』':
    case U'【':
    case U'】':
    case U'・':
    case U'·': return U' ';
    default: return c;
  }
}

void append_word(std::string_view word, std::string& text) {
  if (word.empty()) return;
  if (!text.empty() && text.back() != ' ') text += ' ';
  text += word;
}

}  // namespace

Result<std::unique_ptr<const ChineseBridge>> ChineseBridge::open(const std::filesystem::path& cache) {
  ZY_TRY(auto segmenter, Segmenter::open(cache));
  const auto path = cache / kFile;
  ZY_TRY(const auto file, Tensors::open(path));
  return from(file, std::move(segmenter)).in(path.string());
}

Result<std::unique_ptr<const ChineseBridge>> ChineseBridge::from(const Tensors& file,
                                                                 std::unique_ptr<const Segmenter> segmenter) {
  auto bridge = std::make_unique<ChineseBridge>();
  bridge->segmenter_ = std::move(segmenter);
  ZY_TRY(bridge->words_, WordTable::from(file, "words"));
  ZY_TRY(bridge->glosses_, TextColumn::from(file, "glosses"));
  if (bridge->glosses_.size() != bridge->words_.size()) return corrupt("there is not one gloss for each word");
  constexpr std::array<std::size_t, 1> kAny = {0};
  ZY_TRY(bridge->traditional_, file.get("traditional", DType::kU32, kAny));
  ZY_TRY(bridge->simplified_, file.get("simplified", DType::kU32, bridge->traditional_.shape()));
  return std::unique_ptr<const ChineseBridge>(std::move(bridge));
}

std::string ChineseBridge::to_english(std::string_view utf8) const {
  const auto characters = nfkc(utf8);
  std::string english;
  for (std::size_t at = 0; at < characters.size();) {
    const bool han = is_han(characters[at]);
    auto end = at + 1;
    while (end < characters.size() && is_han(characters[end]) == han) ++end;
    auto run = characters.substr(at, end - at);
    at = end;
    if (!han) {
      std::ranges::transform(run, run.begin(), in_ascii);
      // A space is wanted between words, not before a full stop.
      if (!english.empty() && character_class(run[0]) != CharacterClass::kOther) english += ' ';
      english += to_utf8(run);
      continue;
    }
    std::ranges::transform(run, run.begin(), [&](char32_t c) { return simplified(c); });
    add_glosses(to_utf8(run), english);
  }
  return english;
}

void ChineseBridge::add_glosses(std::string_view han, std::string& english) const {
  for (const auto& word : segmenter_->cut(han)) {
    if (!says_something(word)) continue;
    if (const auto meaning = gloss(word.text); !meaning.empty()) {
      append_word(meaning, english);
    } else {
      add_parts(word.text, english);
    }
  }
}

// The longest word of the dictionary that starts here, again and again; a character that starts none is passed over.
void ChineseBridge::add_parts(std::string_view word, std::string& english) const {
  std::vector<WordTable::Prefix> prefixes;
  for (std::size_t at = 0; at < word.size();) {
    const auto rest = word.substr(at);
    words_.prefixes_of(rest, rest.size() - (at == 0 ? 1 : 0), prefixes);  // the whole word is known to have no gloss
    const auto longest = std::ranges::find_if(prefixes.rbegin(), prefixes.rend(),
                                              [&](const auto& prefix) { return !glosses_[prefix.index].empty(); });
    if (longest == prefixes.rend()) {
      at += utf8_length(rest[0]);
      continue;
    }
    append_word(glosses_[longest->index], english);
    at += longest->length;
  }
}

std::string_view ChineseBridge::gloss(std::string_view word) const {
  const auto found = words_.find(word);
  return found ? glosses_[*found] : std::string_view();
}

char32_t ChineseBridge::simplified(char32_t c) const {
  const auto keys = traditional_.as<std::uint32_t>();
  const auto found = std::ranges::lower_bound(keys, static_cast<std::uint32_t>(c));
  if (found == keys.end() || *found != static_cast<std::uint32_t>(c)) return c;
  return static_cast<char32_t>(simplified_.as<std::uint32_t>()[static_cast<std::size_t>(found - keys.begin())]);
}

std::string ChineseBridge::simplified(std::string_view utf8) const {
  auto characters = code_points(utf8);
  std::ranges::transform(characters, characters.begin(), [&](char32_t c) { return simplified(c); });
  return to_utf8(characters);
}

}  // namespace zhiyin
