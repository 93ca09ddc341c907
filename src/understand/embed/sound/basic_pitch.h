// basic-pitch (Bittner et al. 2022, "A Lightweight Instrument-Agnostic Model for Polyphonic Note Transcription"): how
// likely each of a piano's 88 keys sounds, and begins to sound, by time.
//
//   input_2 [1, 43844, 1] float, 22.05 kHz → Identity_1 (notes), Identity_2 (onsets), each [1, 172, 88], key 0 = A0
//
// A frame is 256 samples (11.6 ms). The frames at both ends of a window have not seen what is around them, so windows
// overlap by 30 frames, of which each keeps 15.
//
// Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/embed/onnx/onnx_session.h"

namespace zhiyin {

// Row-major, frames x kKeys, each in [0, 1].
struct KeyFrames {
  static constexpr int kKeys = 88;
  static constexpr int kLowestMidi = 21;  // A0

  int frames = 0;
  std::vector<float> notes;
  std::vector<float> onsets;
};

class BasicPitch {
 public:
  static constexpr std::string_view kFolder = "models/basic-pitch";  // in the cache
  static constexpr std::string_view kFile = "basic-pitch.onnx";      // made by prepare_models()
  static constexpr std::string_view kNotes = "Identity_1";
  static constexpr std::string_view kOnsets = "Identity_2";
  static constexpr int kRate = 22050;
  static constexpr int kFrame = 256;     // samples
  static constexpr int kWindow = 43844;  // samples
  static constexpr int kWindowFrames = 172;
  static constexpr int kEdgeFrames = 15;                           // of a window, at each end, that are not to be used
  static constexpr int kHop = kWindow - 2 * kEdgeFrames * kFrame;  // samples from window to window

  static Result<std::unique_ptr<BasicPitch>> open(const std::filesystem::path& folder);
  explicit BasicPitch(std::unique_ptr<OnnxSession> session) : session_(std::move(session)) {}

  // All kWindowFrames of one window of kWindow samples, edges too. About 27 ms of processor time.
  [[nodiscard]] Result<KeyFrames> window(std::span<const float> samples) const;

  // The kWindowFrames - 2 kEdgeFrames usable frames whose first begins at samples[start]; what the window wants beyond
  // the ends of the samples is silence.
  [[nodiscard]] Result<KeyFrames> stretch(std::span<const float> samples, std::size_t start) const;

 private:
  std::unique_ptr<OnnxSession> session_;
};

}  // namespace zhiyin
