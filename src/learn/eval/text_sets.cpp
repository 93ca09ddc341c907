#include "learn/eval/text_sets.h"

#include <fmt/format.h>

#include <map>
#include <span>

#include "base/gzip.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"

namespace zhiyin {

std::string canonical_text(const LabelledTexts& set) {
  std::string text;
  for (std::size_t i = 0; i < set.size(); ++i) text += fmt::format("{}\t{}\n", set.texts[i], set.labels[i]);
  return text;
}

Result<std::vector<LabelledTexts>> draw(const LabelledTexts& from, std::size_t parts, std::size_t per_label,
                                        std::uint64_t seed) {
  std::map<std::string, std::vector<std::uint32_t>> by_label;
  for (std::uint32_t i = 0; i < from.size(); ++i) by_label[from.labels[i]].push_back(i);
  Random random(seed);
  std::vector<LabelledTexts> drawn(parts);
  for (auto& [label, places] : by_label) {
    if (places.size() < parts * per_label) {
      return invalid(fmt::format("label \"{}\" has {} texts, {} are needed", label, places.size(), parts * per_label));
    }
    random.shuffle(std::span(places));
    for (std::size_t i = 0; i < parts * per_label; ++i) {
      auto& part = drawn[i / per_label];
      part.texts.push_back(from.texts[places[i]]);
      part.labels.push_back(label);
    }
  }
  return drawn;
}

Result<LabelledTexts> read_clinc(const std::filesystem::path& folder, std::string_view part) {
  const auto file = folder / "data_full.json.gz";
  ZY_TRY(const auto text, read_text_file(file));
  ZY_TRY(const auto json, Json::parse(text).in(file.string()));
  LabelledTexts set;
  for (const auto& row : json[part].elements()) {
    if (row.elements().size() != 2)
      return corrupt(fmt::format("{}: \"{}\" holds what is not [text, intent]", file.string(), part));
    set.texts.emplace_back(row.elements()[0].as_string());
    set.labels.emplace_back(row.elements()[1].as_string());
  }
  if (set.texts.empty()) return corrupt(fmt::format("{}: there is no \"{}\"", file.string(), part));
  return set;
}

Result<LabelledTexts> read_thucnews(const std::filesystem::path& file) {
  ZY_TRY(const auto text, read_text_file(file));
  LabelledTexts set;
  for (const auto line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    const auto cells = split(line, '\t');
    if (cells.size() != 2) return corrupt(fmt::format("{}:{}: not a title and a class", file.string(), set.size() + 1));
    set.texts.emplace_back(cells[0]);
    set.labels.emplace_back(trim(cells[1]));
  }
  return set;
}

}  // namespace zhiyin
