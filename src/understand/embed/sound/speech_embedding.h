// Google's speech_embedding (Lin et al. 2020, "Training Keyword Spotters with Limited and Synthesized Speech Data"): 96
// numbers for 0.78 s of a voice, through its own mel spectrogram.
//
//   melspectrogram.onnx   input [1, n] float: 16 kHz samples in the range of 16-bit integers → [1, 1, T, 32], a frame
//                         each 10 ms
//   embedding_model.onnx  input_1 [N, 76, 32, 1]: frames / 10 + 2 → [N, 1, 1, 96]
//
// Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/embed/onnx/onnx_session.h"
#include "understand/media/media.h"

namespace zhiyin {

class SpeechEmbedding {
 public:
  static constexpr std::string_view kFolder = "models/speech-embedding";  // in the cache
  static constexpr int kRate = 16000;
  static constexpr int kBands = 32;
  static constexpr int kFrames = 76;  // of a window
  static constexpr int kHop = 38;     // frames from window to window
  static constexpr int kDim = 96;

  static Result<std::unique_ptr<SpeechEmbedding>> open(const std::filesystem::path& folder);

  // Row-major, windows x kDim, of sound at kRate; a sound shorter than a window is continued with silence. About 1 ms
  // of processor time a window.
  [[nodiscard]] Result<std::vector<float>> windows(const Sound& sound) const;

 private:
  SpeechEmbedding(std::unique_ptr<OnnxSession> mel, std::unique_ptr<OnnxSession> embedding)
      : mel_(std::move(mel)), embedding_(std::move(embedding)) {}

  [[nodiscard]] Result<std::vector<float>> mel_frames(const Sound& sound) const;  // frames x kBands

  std::unique_ptr<OnnxSession> mel_;
  std::unique_ptr<OnnxSession> embedding_;
};

}  // namespace zhiyin
