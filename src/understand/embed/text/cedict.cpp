// CC-CEDICT: from entries for people to one plain English meaning a word.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "understand/embed/text/dictionaries.h"
#include "understand/embed/text/unicode_text.h"
#include "understand/embed/text/word_table.h"

namespace zhiyin {
namespace {

constexpr std::size_t kLongestMeaning = 40;  // bytes: more is an explanation, not a word

// Meanings that speak of the word instead of saying what it means.
constexpr std::array<std::string_view, 16> kReferences = {
    "variant of", "old variant", "see ",       "see also",        "also written", "also pr",
    "abbr.",      "abbr ",       "used in",    "surname",         "classifier",   "Taiwan pr.",
    "erhua",      "same as",     "equivalent", "Japanese variant"};

// Everything between round and square brackets cut out, nested ones too.
std::string without_brackets(std::string_view text) {
  std::string kept;
  int depth = 0;
  for (const char c : text) {
    if (c == '(' || c == '[') ++depth;
    if (depth == 0) kept += c;
    if ((c == ')' || c == ']') && depth > 0) --depth;
  }
  return kept;
}

// One entry as far as it counts: how good a source of a meaning it is, and the meaning.
struct Meaning {
  std::string english;
  bool proper = false;       // a name: its pinyin is capitalised
  std::size_t meanings = 0;  // a reading with many meanings is the common one
};

bool better(const Meaning& a, const Meaning& b) {
  if (a.proper != b.proper) return !a.proper;
  return a.meanings > b.meanings;
}

Meaning read_meaning(const Json& entry) {
  Meaning found;
  const auto pinyin = entry.elements()[2].as_string();
  found.proper = !pinyin.empty() && pinyin[0] >= 'A' && pinyin[0] <= 'Z';
  const auto& meanings = entry.elements()[3];
  found.meanings = meanings.is_array() ? meanings.elements().size() : 1;
  if (meanings.is_string()) found.english = plain_meaning(meanings.as_string());
  for (const auto& meaning : meanings.elements()) {
    if (found.english.empty()) found.english = plain_meaning(meaning.as_string());
  }
  return found;
}

// Which simplified character stands for a traditional one. A character that is also written in simplified text (后, 里,
// 著) must stay as it is, so only those count that simplified words never contain.
class Characters {
 public:
  void add(const std::u32string& traditional, const std::u32string& simplified) {
    in_simplified_.insert(simplified.begin(), simplified.end());
    if (traditional.size() != simplified.size()) return;
    for (std::size_t i = 0; i < traditional.size(); ++i) {
      if (traditional[i] != simplified[i]) ++pairs_[traditional[i]][simplified[i]];
    }
  }
  void write(Tensors& file) const {
    std::vector<std::uint32_t> from;
    std::vector<std::uint32_t> to;
    for (const auto& [character, forms] : pairs_) {
      if (in_simplified_.contains(character) || !is_han(character)) continue;
      const auto most = std::ranges::max_element(forms, {}, [](const auto& form) { return form.second; });
      from.push_back(static_cast<std::uint32_t>(character));
      to.push_back(static_cast<std::uint32_t>(most->first));
    }
    const auto count = from.size();
    file.put("traditional", Tensor::adopt({count}, std::move(from)));
    file.put("simplified", Tensor::adopt({count}, std::move(to)));
  }

 private:
  std::map<char32_t, std::map<char32_t, std::size_t>> pairs_;
  std::set<char32_t> in_simplified_;
};

}  // namespace

std::string plain_meaning(std::string_view meaning) {
  const auto says = [&](std::string_view words) { return trim(meaning).starts_with(words); };
  if (std::ranges::any_of(kReferences, says)) return {};
  const auto bare = without_brackets(meaning);
  for (auto part : split(bare, ';')) {
    part = trim(part);
    if (std::ranges::any_of(kReferences, [&](auto words) { return part.starts_with(words); })) continue;
    for (const std::string_view article : {"to be ", "to ", "a ", "an ", "the "}) {
      if (part.starts_with(article)) {
        part.remove_prefix(article.size());
        break;
      }
    }
    const bool latin = std::ranges::none_of(code_points(part), is_han);
    if (part.empty() || part.size() > kLongestMeaning || !latin) continue;
    std::string plain;  // brackets cut out of the middle leave two spaces
    for (const char c : part) {
      if (c != ' ' || (!plain.empty() && plain.back() != ' ')) plain += c;
    }
    return plain;
  }
  return {};
}

Result<Tensors> glosses_of_cedict(std::string_view all_js) {
  const auto begin = all_js.find('{');
  const auto end = all_js.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos)
    return corrupt("all.js: there is no object in it");
  ZY_TRY(const auto json, Json::parse(all_js.substr(begin, end + 1 - begin)).in("all.js"));
  std::map<std::string, Meaning, std::less<>> best;
  Characters characters;
  std::size_t number = 0;
  for (const auto& entry : json["all"].elements()) {
    const auto& cells = entry.elements();
    if (cells.size() < 4 || !cells[0].is_string() || !cells[1].is_string() || !cells[2].is_string()) {
      return corrupt(fmt::format("all.js: entry {} is not [traditional, simplified, pinyin, meaning]", number));
    }
    ++number;
    characters.add(code_points(cells[0].as_string()), code_points(cells[1].as_string()));
    auto meaning = read_meaning(entry);
    if (meaning.english.empty()) continue;
    const auto [known, added] = best.try_emplace(std::string(cells[1].as_string()), meaning);
    if (!added && better(meaning, known->second)) known->second = std::move(meaning);
  }
  if (best.empty()) return corrupt("all.js: no entry has a meaning");

  std::vector<std::string> words;
  std::vector<std::string> glosses;
  for (auto& [word, meaning] : best) {
    words.push_back(word);
    glosses.push_back(std::move(meaning.english));
  }
  Tensors file;
  TextColumn::put(file, "words", words);
  TextColumn::put(file, "glosses", glosses);
  characters.write(file);
  return file;
}

}  // namespace zhiyin
