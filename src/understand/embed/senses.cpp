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

namespace {

// The facts that are there now and were not before, or said something else.
std::vector<std::string> facts_given(const Json& before, const Json& now) {
  std::vector<std::string> names;
  for (const auto& [name, value] : now.members()) {
    if (before[name].dump() != value.dump()) names.push_back(name);
  }
  return names;
}

}  // namespace

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
    const auto facts_before = found.facts;
    const double before_s = thread_cpu_seconds();
    auto done = sense->perceive(decoded, found);
    EncoderRun run{std::string(sense->name()), sense->version(), thread_cpu_seconds() - before_s, {}};
    run.facts = facts_given(facts_before, found.facts);
    if (!done.ok()) run.problem = done.error().message;
    found.runs.push_back(std::move(run));
  }
  return found;
}

}  // namespace zhiyin
