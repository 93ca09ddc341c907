// Labelled texts that the table "understanding" asks about, and fixed draws from them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace zhiyin {

struct LabelledTexts {
  std::vector<std::string> texts;
  std::vector<std::string> labels;

  [[nodiscard]] std::size_t size() const { return texts.size(); }
};

// The lines "text<TAB>label<LF>": what split_sha256 is of.
std::string canonical_text(const LabelledTexts& set);

// Cuts the set into `parts`, each with `per_label` texts of every label, none twice; what is left over is dropped. The
// draw depends on the seed and on the order of the file alone. An error if a label has too few texts.
Result<std::vector<LabelledTexts>> draw(const LabelledTexts& from, std::size_t parts, std::size_t per_label,
                                        std::uint64_t seed);

// CLINC150: one part ("train", "test") of data_full.json.gz.
Result<LabelledTexts> read_clinc(const std::filesystem::path& folder, std::string_view part);
// THUCNews titles: "title<TAB>class number" a line.
Result<LabelledTexts> read_thucnews(const std::filesystem::path& file);

}  // namespace zhiyin
