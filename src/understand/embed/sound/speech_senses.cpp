#include "understand/embed/sound/speech_senses.h"

#include <cmath>

#include "base/clock.h"
#include "base/log.h"

namespace zhiyin {
namespace {

double rounded(double value) { return std::round(value * 1000) / 1000; }

class VoiceSense final : public Sense {
 public:
  explicit VoiceSense(std::shared_ptr<const VoiceActivity> voices) : voices_(std::move(voices)) {}
  [[nodiscard]] std::string_view name() const override { return kVoiceEncoder; }
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    if (decoded.speech.samples.empty()) return {};
    ZY_TRY(const auto segments, voices_->listen(decoded.speech));  // its cost is counted here, whoever asks again
    const double duration_s = static_cast<double>(decoded.speech.samples.size()) / VoiceActivity::kRate;
    found.facts.set("speech_share", rounded(speech_seconds(segments) / duration_s));
    found.facts.set("speech_segments", segments.size());
    return {};
  }

 private:
  std::shared_ptr<const VoiceActivity> voices_;
};

class SpeechEmbeddingSense final : public Sense {
 public:
  explicit SpeechEmbeddingSense(std::unique_ptr<SpeechEmbedding> model) : model_(std::move(model)) {}
  [[nodiscard]] std::string_view name() const override { return kSpeechEncoder; }
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    if (decoded.speech.samples.empty()) return {};
    ZY_TRY(const auto windows, model_->windows(decoded.speech));
    constexpr auto kDim = static_cast<std::size_t>(SpeechEmbedding::kDim);
    const auto count = static_cast<double>(windows.size() / kDim);
    std::vector<float> values(2 * kDim, 0.0F);
    for (std::size_t d = 0; d < kDim; ++d) {
      double sum = 0;
      double squares = 0;
      for (std::size_t i = d; i < windows.size(); i += kDim) {
        sum += windows[i];
        squares += double{windows[i]} * windows[i];
      }
      const double mean = sum / count;
      values[d] = static_cast<float>(mean);
      values[kDim + d] = static_cast<float>(std::sqrt(std::max(squares / count - mean * mean, 0.0)));
    }
    found.vectors.push_back({std::string(name()), version(), std::move(values)});
    return {};
  }

 private:
  std::unique_ptr<SpeechEmbedding> model_;
};

class WordsSense final : public Sense {
 public:
  WordsSense(std::unique_ptr<SpeechToWords> recogniser, std::shared_ptr<const VoiceActivity> voices)
      : recogniser_(std::move(recogniser)), voices_(std::move(voices)) {}
  [[nodiscard]] std::string_view name() const override { return recogniser_->name(); }
  [[nodiscard]] int version() const override { return recogniser_->version(); }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    if (decoded.speech.samples.empty()) return {};
    ZY_TRY(const auto segments, voices_->segments(decoded.speech));
    if (segments.empty()) return {};
    const double before_s = thread_cpu_seconds();
    ZY_TRY(auto passages, recogniser_->words(decoded.speech, segments));
    const double cpu_s = thread_cpu_seconds() - before_s;
    const double speech_s = speech_seconds(segments);
    log_info("{}: {:.1f} s of speech in {} segments, words in {}; {:.2f} CPU s per second of speech", name(), speech_s,
             segments.size(), passages.size(), cpu_s / speech_s);
    for (auto& passage : passages) found.passages.push_back(std::move(passage));
    return {};
  }

 private:
  std::unique_ptr<SpeechToWords> recogniser_;
  std::shared_ptr<const VoiceActivity> voices_;
};

}  // namespace

std::unique_ptr<Sense> voice_sense(std::shared_ptr<const VoiceActivity> voices) {
  return std::make_unique<VoiceSense>(std::move(voices));
}

std::unique_ptr<Sense> speech_embedding_sense(std::unique_ptr<SpeechEmbedding> model) {
  return std::make_unique<SpeechEmbeddingSense>(std::move(model));
}

std::unique_ptr<Sense> words_sense(std::unique_ptr<SpeechToWords> recogniser,
                                   std::shared_ptr<const VoiceActivity> voices) {
  return std::make_unique<WordsSense>(std::move(recogniser), std::move(voices));
}

}  // namespace zhiyin
