// Silero VAD v6: how likely it is that somebody speaks, every 32 ms.
//
// The network reads 512 samples at 16 kHz after the 64 before them, and carries a state from window to window:
//   input [1, 576] float, +-1 · state [2, 1, 128] · sr 16000 → output [1, 1], stateN [2, 1, 128]
// Several senses want the segments of the same sound, one after the other: the last few answers are kept, and found
// again by the sound's hash.
//
// Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/embed/onnx/onnx_session.h"
#include "understand/embed/sound/speech_segments.h"
#include "understand/media/media.h"

namespace zhiyin {

class VoiceActivity {
 public:
  static constexpr std::string_view kFolder = "models/silero-vad";  // in the cache
  static constexpr int kRate = 16000;
  static constexpr int kWindow = 512;  // samples

  static Result<std::unique_ptr<VoiceActivity>> open(const std::filesystem::path& folder);

  // One a window, [0, 1]; the last window is filled up with silence. The sound must be at kRate. About 0.15 ms of
  // processor time a window.
  [[nodiscard]] Result<std::vector<float>> probabilities(const Sound& sound) const;

  // The speech in it, by Silero's rules: listens, and remembers.
  [[nodiscard]] Result<std::vector<SpeechSegment>> listen(const Sound& sound) const;
  // The same, remembered where it can be.
  [[nodiscard]] Result<std::vector<SpeechSegment>> segments(const Sound& sound) const;

 private:
  explicit VoiceActivity(std::unique_ptr<OnnxSession> session) : session_(std::move(session)) {}

  struct Answer {
    std::uint64_t sound = 0;  // hash
    std::vector<SpeechSegment> segments;
  };

  std::unique_ptr<OnnxSession> session_;
  mutable std::mutex mutex_;
  mutable std::array<Answer, 8> answers_;  // guarded by mutex_; enough for as many threads
  mutable std::size_t oldest_ = 0;         // guarded by mutex_
};

}  // namespace zhiyin
