// Speech → words. One interface for whatever recogniser there is: pocketsphinx, which needs nothing beyond Debian
// (pocketsphinx_words.h), or a large model that a user brings.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/perception.h"
#include "understand/embed/sound/speech_segments.h"
#include "understand/media/media.h"

namespace zhiyin {

// Thread-safe: words() may be called from any threads at once.
class SpeechToWords {
 public:
  static constexpr int kRate = 16000;

  virtual ~SpeechToWords() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;  // the encoder of its passages: "speech.pocketsphinx"
  [[nodiscard]] virtual int version() const = 0;

  // What is said in the segments of a mono sound at kRate: passages of kind "speech" in order of time, at most one a
  // segment (or a window of it, where a recogniser reads windows), none where nothing was understood. `confidence` is
  // the recogniser's own, (0, 1].
  [[nodiscard]] virtual Result<std::vector<Passage>> words(const Sound& sound,
                                                           std::span<const SpeechSegment> segments) const = 0;
};

}  // namespace zhiyin
