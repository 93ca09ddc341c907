#include "understand/embed/sound/voice_activity.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace zhiyin {
namespace {

constexpr std::int64_t kContext = 64;
constexpr std::int64_t kState = 128;

// FNV-1a over samples and their number; 0 is left for "none".
std::uint64_t hash_of(const Sound& sound) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto add = [&hash](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3ULL; };
  add(sound.samples.size());
  for (const float sample : sound.samples) add(std::bit_cast<std::uint32_t>(sample));
  return hash | 1U;
}

}  // namespace

Result<std::unique_ptr<VoiceActivity>> VoiceActivity::open(const std::filesystem::path& folder) {
  ZY_TRY(auto session, OnnxSession::open(folder / "silero_vad_v6.onnx"));
  return std::unique_ptr<VoiceActivity>(new VoiceActivity(std::move(session)));
}

Result<std::vector<float>> VoiceActivity::probabilities(const Sound& sound) const {
  assert(sound.sample_rate == kRate || sound.samples.empty());
  const auto& samples = sound.samples;
  const auto windows = (samples.size() + kWindow - 1) / kWindow;
  std::vector<float> found;
  found.reserve(windows);
  std::vector<OnnxInput> inputs = {
      {"input", {{1, kContext + kWindow}, std::vector<float>(kContext + kWindow, 0.0F)}},
      {"state", {{2, 1, kState}, std::vector<float>(2 * kState, 0.0F)}},
      {"sr", {{}, std::vector<std::int64_t>{kRate}}},
  };
  const std::vector<std::string> outputs = {"output", "stateN"};
  for (std::size_t w = 0; w < windows; ++w) {
    auto& heard = std::get<std::vector<float>>(inputs[0].array.values);
    std::copy(heard.end() - kContext, heard.end(), heard.begin());  // zeros before the first window
    const auto from = samples.begin() + static_cast<std::ptrdiff_t>(w * kWindow);
    const auto count = std::min<std::ptrdiff_t>(kWindow, samples.end() - from);
    std::fill(std::copy(from, from + count, heard.begin() + kContext), heard.end(), 0.0F);
    ZY_TRY(auto answer, session_->run(inputs, outputs));
    if (answer[0].floats().empty()) return internal("the voice detector gave no probability");
    found.push_back(answer[0].floats().front());
    inputs[1].array = std::move(answer[1]);
  }
  return found;
}

Result<std::vector<SpeechSegment>> VoiceActivity::listen(const Sound& sound) const {
  ZY_TRY(const auto likely, probabilities(sound));
  auto found =
      speech_segments(likely, static_cast<double>(kWindow) / kRate, static_cast<double>(sound.samples.size()) / kRate);
  const auto hash = hash_of(sound);
  const std::scoped_lock lock(mutex_);
  answers_[oldest_] = {hash, found};
  oldest_ = (oldest_ + 1) % answers_.size();
  return found;
}

Result<std::vector<SpeechSegment>> VoiceActivity::segments(const Sound& sound) const {
  const auto hash = hash_of(sound);
  {
    const std::scoped_lock lock(mutex_);
    const auto* known = std::ranges::find(answers_, hash, &Answer::sound);
    if (known != answers_.end()) return known->segments;
  }
  return listen(sound);
}

}  // namespace zhiyin
