#include "understand/embed/sound/pitch_sense.h"

#include <algorithm>
#include <cmath>

#include "understand/embed/sound/notes.h"
#include "understand/media/sound.h"

namespace zhiyin {
namespace {

constexpr int kVersion = 1;
constexpr std::size_t kMostStretches = 18;  // of 1.64 s: 30 s of music, half a second of processor time
constexpr double kMostSpeech = 0.5;         // share of a stretch
constexpr double kLeast_s = 3;  // of music: a drum hit or a bark has no harmony, and would cost a whole window
constexpr std::size_t kLeastNotes = 8;
constexpr float kSilence = 1e-3F;  // of the loudest sample: 60 dB below it

class PitchSense final : public Sense {
 public:
  PitchSense(std::unique_ptr<BasicPitch> model, std::shared_ptr<const VoiceActivity> voices)
      : model_(std::move(model)), voices_(std::move(voices)) {}

  [[nodiscard]] std::string_view name() const override { return kPitchEncoder; }
  [[nodiscard]] int version() const override { return kVersion; }

  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    if (decoded.speech.samples.empty()) return {};  // silent
    std::vector<SpeechSegment> speech;
    if (voices_ != nullptr) {
      ZY_TRY(speech, voices_->segments(decoded.speech));
    }
    ZY_TRY(const auto music, resampled(decoded.music, BasicPitch::kRate));
    const auto starts = music_stretches(music, speech, kMostStretches);
    if (static_cast<double>(starts.size() * BasicPitch::kHop) < kLeast_s * BasicPitch::kRate) return {};
    KeyFrames heard;
    for (const auto start : starts) {
      ZY_TRY(const auto stretch, model_->stretch(music.samples, start));
      // The last stretch may reach past the end of the sound.
      const auto left = static_cast<int>((music.samples.size() - start + BasicPitch::kFrame - 1) / BasicPitch::kFrame);
      const int frames = std::min(stretch.frames, left);
      const auto values = static_cast<std::ptrdiff_t>(frames) * KeyFrames::kKeys;
      heard.frames += frames;
      heard.notes.insert(heard.notes.end(), stretch.notes.begin(), stretch.notes.begin() + values);
      heard.onsets.insert(heard.onsets.end(), stretch.onsets.begin(), stretch.onsets.begin() + values);
    }
    const auto notes = notes_of(heard);
    found.facts.set("notes_per_s",
                    std::round(100 * static_cast<double>(notes.size()) / (heard.frames * kKeyFrame_s)) / 100);
    if (notes.size() < kLeastNotes) return {};
    found.vectors.push_back({std::string(name()), version(), note_features(heard, notes)});
    return {};
  }

 private:
  std::unique_ptr<BasicPitch> model_;
  std::shared_ptr<const VoiceActivity> voices_;
};

}  // namespace

std::vector<std::size_t> music_stretches(const Sound& sound, std::span<const SpeechSegment> speech, std::size_t most) {
  float loudest = 0;
  for (const float sample : sound.samples) loudest = std::max(loudest, std::abs(sample));
  std::vector<std::size_t> starts;
  for (std::size_t start = 0; start < sound.samples.size(); start += BasicPitch::kHop) {
    const auto end = std::min(start + BasicPitch::kHop, sound.samples.size());
    const auto begin = sound.samples.begin() + static_cast<std::ptrdiff_t>(start);
    const bool sounds = std::any_of(begin, sound.samples.begin() + static_cast<std::ptrdiff_t>(end),
                                    [&](float sample) { return std::abs(sample) > kSilence * loudest; });
    const double start_s = static_cast<double>(start) / BasicPitch::kRate;
    const double end_s = static_cast<double>(end) / BasicPitch::kRate;
    if (sounds && speech_seconds(speech, start_s, end_s) <= kMostSpeech * (end_s - start_s)) starts.push_back(start);
  }
  if (starts.size() <= most) return starts;
  std::vector<std::size_t> spread;
  for (std::size_t i = 0; i < most; ++i) spread.push_back(starts[i * starts.size() / most]);
  return spread;
}

std::unique_ptr<Sense> pitch_sense(std::unique_ptr<BasicPitch> model, std::shared_ptr<const VoiceActivity> voices) {
  return std::make_unique<PitchSense>(std::move(model), std::move(voices));
}

}  // namespace zhiyin
