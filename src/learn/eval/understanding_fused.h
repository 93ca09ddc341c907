// What fusion makes of the stamps' modalities, as rows (learn/eval/understanding_own.h says which).
#pragma once

#include "learn/eval/own_rows.h"

namespace zhiyin {

Result<void> add_fused_rows(const std::vector<Subject>& items, OwnRows& rows);

}  // namespace zhiyin
