// The senses of pictures.
#pragma once

#include <filesystem>

#include "understand/sense.h"

namespace zhiyin {

// Appends those that the models in the cache allow; the classic features always.
void open_vision_senses(const std::filesystem::path& cache, Senses& senses);

}  // namespace zhiyin
