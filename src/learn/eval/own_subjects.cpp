#include "learn/eval/own_subjects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/csv.h"
#include "base/file.h"
#include "base/random.h"
#include "learn/behaviour.h"
#include "learn/eval/ranking.h"
#include "match/factors/ials.h"

namespace zhiyin {

Result<std::vector<Subject>> read_subjects(const std::filesystem::path& file, std::string_view label,
                                           std::string_view sound, std::string_view picture, std::string_view title) {
  ZY_TRY(const auto text, read_file(file));
  ZY_TRY(const auto rows, parse_csv(text, '\t').in(file.string()));
  if (rows.empty()) return invalid(fmt::format("{} is empty", file.string()));
  const auto& header = rows.front().cells;
  std::vector<Subject> subjects(rows.size() - 1);
  for (const auto& [name, part] : {std::pair{label, &Subject::label},
                                   {sound, &Subject::sound},
                                   {picture, &Subject::picture},
                                   {title, &Subject::title}}) {
    const auto column = static_cast<std::size_t>(std::ranges::find(header, name) - header.begin());
    if (column == header.size()) {
      if (name == label) return invalid(fmt::format("{}: no column \"{}\"", file.string(), name));
      continue;
    }
    for (std::size_t r = 1; r < rows.size(); ++r) {
      if (column < rows[r].cells.size()) subjects[r - 1].*part = rows[r].cells[column];
    }
  }
  return subjects;
}

std::string split_sha256(const std::vector<Subject>& subjects) {
  std::string split;
  for (const auto& subject : subjects)
    split += fmt::format("{}\t{}\t{}\t{}\n", subject.sound, subject.picture, subject.title, subject.label);
  return sha256_hex(split);
}

bool in_training_half(const Subject& subject) { return sha256_hex(subject.sound + subject.picture).front() < '8'; }

Result<std::vector<std::vector<float>>> made_up_behaviour(const std::vector<Subject>& subjects, std::uint64_t seed) {
  constexpr int kPeople = 8;  // a label
  std::vector<ItemIndex> known;
  std::map<std::string, std::vector<ItemIndex>> by_label;
  for (ItemIndex i = 0; i < subjects.size(); ++i) {
    if (!in_training_half(subjects[i])) continue;
    known.push_back(i);
    by_label[subjects[i].label].push_back(i);
  }
  std::vector<std::vector<float>> behaviour(subjects.size());
  if (known.size() < 2) return behaviour;

  Random random(seed, 6);
  const auto any_of = [&](const std::vector<ItemIndex>& items) {
    return items[random.below(static_cast<std::uint32_t>(items.size()))];
  };
  std::vector<Interaction> touches;
  UserIndex person = 0;
  for (const auto& [label, liked] : by_label) {
    for (int p = 0; p < kPeople; ++p, ++person) {
      const auto count = std::max<std::size_t>(2 * liked.size(), 4);
      for (std::size_t t = 0; t < count; ++t) touches.push_back({person, any_of(random.below(5) < 4 ? liked : known)});
    }
  }
  const auto interactions = Interactions::from(touches, person, subjects.size());
  ZY_TRY(const auto fitted, fit("ials", {{"factors", 32}, {"strength", 0.5}}, {.interactions = interactions}, seed, 1));
  const auto vectors = collaborative_vectors(dynamic_cast<const Ials&>(*fitted.model).item_factors());
  for (const auto i : known) {
    const auto row = std::span(vectors.rows).subspan(i * vectors.dim, vectors.dim);
    if (std::ranges::any_of(row, [](float x) { return x != 0; })) behaviour[i].assign(row.begin(), row.end());
  }
  return behaviour;
}

}  // namespace zhiyin
