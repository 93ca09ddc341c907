// All senses together.
#pragma once

#include <filesystem>
#include <span>

#include "understand/sense.h"

namespace zhiyin {

struct SenseOptions {
  bool speech_to_words = false;  // costs about as much processor time as the speech lasts
};

// Every sense that can work with what the cache of models holds. A missing model is named once in the log, with what
// mends it.
Senses open_senses(const std::filesystem::path& cache, const SenseOptions& options = {});

// Asks each sense in turn: all, or those given. What each cost, and why one failed, is in the perception's runs. They
// add to what others have `found` before, for a sense may read what another saw; each run notes the facts that it gave
// or changed. Thread-safe.
Perception perceive(const Senses& senses, const Decoded& decoded);
Perception perceive(std::span<const Sense* const> senses, const Decoded& decoded, Perception found = {});

}  // namespace zhiyin
