// The senses of sound.
#pragma once

#include <filesystem>

#include "understand/sense.h"

namespace zhiyin {

// Appends those that the models in the cache allow; the classic features always.
void open_sound_senses(const std::filesystem::path& cache, bool speech_to_words, Senses& senses);

}  // namespace zhiyin
