// What pretraining and fine-tuning of the own nets give, as rows (learn/eval/understanding_own.h says which).
#pragma once

#include "learn/eval/own_rows.h"

namespace zhiyin {

enum class OwnNet { kSound, kPictures };

// All subjects have the part that the net looks at, and no other.
Result<void> add_pretrained_rows(OwnNet net, const std::vector<Subject>& subjects, OwnRows& rows);

}  // namespace zhiyin
