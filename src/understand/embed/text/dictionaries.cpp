#include "understand/embed/text/dictionaries.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "understand/embed/text/segmenter.h"
#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

// jieba's tags are those of ICTCLAS: the first letter is the kind.
WordKind kind_of(std::string_view tag) {
  if (tag.empty()) return WordKind::kOther;
  if (tag == "i" || tag == "l") return WordKind::kIdiom;
  switch (tag[0]) {
    case 'n':
    case 's':
    case 't':
    case 'j': return WordKind::kNoun;
    case 'v': return WordKind::kVerb;
    case 'a':
    case 'b':
    case 'z': return WordKind::kAdjective;
    case 'd': return WordKind::kAdverb;
    case 'm': return WordKind::kNumber;
    case 'q': return WordKind::kMeasure;
    case 'u':
    case 'y':
    case 'p':
    case 'c':
    case 'e':
    case 'o':
    case 'r': return WordKind::kFunction;
    default: return WordKind::kOther;
  }
}

template <typename Row>
Result<void> each_line(std::string_view text, std::string_view file, std::size_t cells, Row row) {
  std::size_t number = 0;
  for (auto line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty()) continue;
    const auto parts = split(line, ' ');
    double value = 0;
    const bool fits = parts.size() >= cells &&
                      std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), value).ec == std::errc{};
    if (!fits) return corrupt(fmt::format("{}:{}: \"{}\" is not a word and a number", file, number, line));
    row(parts, value);
  }
  return {};
}

Tensor one(float value) { return Tensor::from<float>({1}, std::span(&value, 1)); }

}  // namespace

Result<Tensors> words_of_jieba(std::string_view dict, std::string_view idf_text) {
  struct Word {
    double frequency = 0;
    WordKind kind = WordKind::kOther;
  };
  std::map<std::string, Word, std::less<>> words;
  double total = 0;
  ZY_CHECK_OK(each_line(dict, "dict.txt", 2, [&](const auto& parts, double frequency) {
    words[std::string(parts[0])] = {std::max(frequency, 1.0),
                                    kind_of(parts.size() > 2 ? parts[2] : std::string_view())};
    total += std::max(frequency, 1.0);
  }));
  std::unordered_map<std::string, float> idf;
  std::vector<float> all_idf;
  ZY_CHECK_OK(each_line(idf_text, "idf.txt", 2, [&](const auto& parts, double value) {
    idf[std::string(parts[0])] = static_cast<float>(value);
    all_idf.push_back(static_cast<float>(value));
  }));
  if (words.empty() || all_idf.empty()) return corrupt("dict.txt or idf.txt is empty");
  std::ranges::nth_element(all_idf, all_idf.begin() + static_cast<std::ptrdiff_t>(all_idf.size() / 2));
  const float median = all_idf[all_idf.size() / 2];

  std::vector<std::string> names;
  std::vector<float> log_probability;
  std::vector<float> idf_by_word;
  std::vector<std::uint8_t> kinds;
  for (const auto& [name, word] : words) {
    names.push_back(name);
    log_probability.push_back(static_cast<float>(std::log(word.frequency / total)));
    const auto counted = idf.find(name);
    idf_by_word.push_back(counted == idf.end() ? median : counted->second);
    kinds.push_back(static_cast<std::uint8_t>(word.kind));
  }
  Tensors file;
  TextColumn::put(file, "words", names);
  file.put("log_probability", Tensor::adopt({names.size()}, std::move(log_probability)));
  file.put("idf", Tensor::adopt({names.size()}, std::move(idf_by_word)));
  file.put("kind", Tensor::adopt({names.size()}, std::move(kinds)));
  file.put("rarest", one(static_cast<float>(-std::log(total))));
  file.put("median_idf", one(median));
  return file;
}

}  // namespace zhiyin
