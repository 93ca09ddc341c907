#include "understand/embed/senses.h"

#include <algorithm>

#include "base/clock.h"
#include "understand/embed/sound/sound_senses.h"
#include "understand/embed/vision/vision_senses.h"

namespace zhiyin {

Senses open_senses(const std::filesystem::path& cache, const SenseOptions& options) {
  Senses senses;
  open_vision_senses(cache, senses);
  open_sound_senses(cache, options.speech_to_words, senses);
  return senses;
}

Perception perceive(const Senses& senses, const Decoded& decoded) {
  std::vector<const Sense*> all;
  for (const auto& sense : senses) all.push_back(sense.get());
  return perceive(all, decoded);
}

Perception perceive(std::span<const Sense* const> senses, const Decoded& decoded, Perception found) {
  for (const auto& warning : decoded.warnings) {
    if (std::ranges::find(found.warnings, warning) == found.warnings.end()) found.warnings.push_back(warning);
  }
  for (const auto* sense : senses) {
    const double before_s = thread_cpu_seconds();
    auto done = sense->perceive(decoded, found);
    EncoderRun run{std::string(sense->name()), sense->version(), thread_cpu_seconds() - before_s, {}};
    if (!done.ok()) run.problem = done.error().message;
    found.runs.push_back(std::move(run));
  }
  return found;
}

}  // namespace zhiyin
