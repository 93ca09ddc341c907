// What the rows of fusion and of the own nets are asked about (learn/eval/understanding_own.h): files with labels, or
// items with a title beside.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "learn/clip_training.h"
#include "understand/embed/fusion.h"

namespace zhiyin {

using Modalities = std::vector<ModalityVector>;

struct Subject {
  std::string label;
  std::string sound;  // paths below the media folder; "" for none
  std::string picture;
  std::string title;
  Clip clip;
  Modalities modalities;
};

// One a row of the table. Every column but the label's may be missing: then no subject has that part.
Result<std::vector<Subject>> read_subjects(const std::filesystem::path& file, std::string_view label,
                                           std::string_view sound, std::string_view picture, std::string_view title);

// Of the lines "sound<TAB>picture<TAB>title<TAB>label<LF>".
std::string split_sha256(const std::vector<Subject>& subjects);

// The half of the subjects whose labels may be learned from; the other half is asked. Fixed: by the SHA-256 of the
// paths.
bool in_training_half(const Subject& subject);

// Made-up behaviour, for want of real: eight people a label, each of whom touches files of the training half, four
// touches in five of the label they like and the fifth of anything. What iALS learns of it is each file's collaborative
// vector, as `zhiyin pretrain --finetune` takes it from a home's snapshot; empty for the files of the asked half, which
// nobody has touched and whose labels are not looked at. All are empty where the training half has fewer than two files.
Result<std::vector<std::vector<float>>> made_up_behaviour(const std::vector<Subject>& subjects, std::uint64_t seed);

}  // namespace zhiyin
