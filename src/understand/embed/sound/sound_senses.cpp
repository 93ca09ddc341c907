#include "understand/embed/sound/sound_senses.h"

#include <cmath>

#include "base/log.h"
#include "understand/embed/sound/fingerprint.h"
#include "understand/embed/sound/music_facts.h"
#include "understand/embed/sound/pitch_sense.h"
#include "understand/embed/sound/pocketsphinx_words.h"
#include "understand/embed/sound/sound_features.h"
#include "understand/embed/sound/speech_senses.h"

namespace zhiyin {
namespace {

// The vector of sound_features.h, the facts of music_facts.h, and "loudness_lufs" and "loudness_range_lu" (the range
// from 3 s on; understand/media/loudness.h).
class ClassicSound final : public Sense {
 public:
  explicit ClassicSound(std::shared_ptr<const VoiceActivity> voices) : voices_(std::move(voices)) {}
  [[nodiscard]] std::string_view name() const override { return kSoundEncoder; }
  [[nodiscard]] int version() const override { return kSoundEncoderVersion; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    if (decoded.music.samples.empty()) return {};
    ZY_TRY(const auto analysis, analyse(decoded.music));
    found.vectors.push_back({std::string(name()), version(), sound_features(analysis)});
    if (decoded.loudness) {
      found.facts.set("loudness_lufs", tenths(decoded.loudness->integrated_lufs));
      if (analysis.seconds >= 3) found.facts.set("loudness_range_lu", tenths(decoded.loudness->range_lu));
    }
    if (decoded.speech.samples.empty()) return {};  // silent
    double speech_share = 0;
    if (voices_ != nullptr) {
      ZY_TRY(const auto segments, voices_->segments(decoded.speech));
      speech_share = speech_seconds(segments) / analysis.seconds;
    }
    add_music_facts(analysis, speech_share, found.facts);
    return {};
  }

 private:
  static double tenths(double value) { return std::round(10 * value) / 10; }
  std::shared_ptr<const VoiceActivity> voices_;
};

// Fact "chromaprint"; see best_match().
class Fingerprint final : public Sense {
 public:
  [[nodiscard]] std::string_view name() const override { return kFingerprint; }
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    if (decoded.speech.samples.empty()) return {};  // silence is like any other silence
    ZY_TRY(auto text, fingerprint_of(decoded.music));
    if (!text.empty()) found.facts.set("chromaprint", std::move(text));
    return {};
  }
};

// The model, or a line in the log that says what goes without it and how to mend that.
template <typename Model>
std::unique_ptr<Model> model_or_null(std::string_view sense, Result<std::unique_ptr<Model>> opened) {
  if (opened.ok()) return std::move(opened).value();
  log_warning("{}: not heard, {}; `zhiyin doctor` names the command that mends it", sense, opened.error().message);
  return nullptr;
}

}  // namespace

void open_sound_senses(const std::filesystem::path& cache, bool speech_to_words, Senses& senses) {
  const std::shared_ptr<const VoiceActivity> voices =
      model_or_null(kVoiceEncoder, VoiceActivity::open(cache / VoiceActivity::kFolder));
  if (voices != nullptr) senses.push_back(voice_sense(voices));
  senses.push_back(std::make_unique<ClassicSound>(voices));
  if (auto model = model_or_null(kPitchEncoder, BasicPitch::open(cache / BasicPitch::kFolder))) {
    senses.push_back(pitch_sense(std::move(model), voices));
  }
  if (auto model = model_or_null(kSpeechEncoder, SpeechEmbedding::open(cache / SpeechEmbedding::kFolder))) {
    senses.push_back(speech_embedding_sense(std::move(model)));
  }
  senses.push_back(std::make_unique<Fingerprint>());
  if (speech_to_words && voices != nullptr) {
    if (auto recogniser = model_or_null(kPocketsphinx, open_pocketsphinx())) {
      senses.push_back(words_sense(std::move(recogniser), voices));
    }
  }
}

}  // namespace zhiyin
