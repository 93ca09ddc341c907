#include "understand/embed/sound/speech_embedding.h"

#include <algorithm>
#include <cassert>

namespace zhiyin {
namespace {

constexpr std::size_t kLeastSamples = 12640;  // 76 frames: 75 hops of 160 and a window of 640
constexpr std::size_t kBatch = 16;            // windows of one run: bounds the memory

}  // namespace

Result<std::unique_ptr<SpeechEmbedding>> SpeechEmbedding::open(const std::filesystem::path& folder) {
  ZY_TRY(auto mel, OnnxSession::open(folder / "melspectrogram.onnx"));
  ZY_TRY(auto embedding, OnnxSession::open(folder / "embedding_model.onnx"));
  return std::unique_ptr<SpeechEmbedding>(new SpeechEmbedding(std::move(mel), std::move(embedding)));
}

Result<std::vector<float>> SpeechEmbedding::mel_frames(const Sound& sound) const {
  assert(sound.sample_rate == kRate || sound.samples.empty());
  std::vector<float> samples = sound.samples;
  for (auto& sample : samples) sample *= 32767;
  samples.resize(std::max(samples.size(), kLeastSamples), 0.0F);
  const auto count = static_cast<std::int64_t>(samples.size());
  const std::vector<OnnxInput> inputs = {{mel_->inputs().front(), {{1, count}, std::move(samples)}}};
  ZY_TRY(auto answer, mel_->run(inputs));
  auto rows = std::move(std::get<0>(answer.front().values));
  for (auto& value : rows) value = value / 10 + 2;
  return rows;
}

Result<std::vector<float>> SpeechEmbedding::windows(const Sound& sound) const {
  ZY_TRY(const auto mel, mel_frames(sound));
  const auto frames = mel.size() / kBands;
  if (frames < kFrames) return internal("the mel spectrogram is shorter than a window");
  const std::size_t windows = 1 + (frames - kFrames) / kHop;
  std::vector<float> out;
  out.reserve(windows * kDim);
  for (std::size_t done = 0; done < windows; done += kBatch) {
    const auto batch = std::min(kBatch, windows - done);
    std::vector<float> heard;
    heard.reserve(batch * kFrames * kBands);
    for (std::size_t w = done; w < done + batch; ++w) {
      const auto from = mel.begin() + static_cast<std::ptrdiff_t>(w * kHop * kBands);
      heard.insert(heard.end(), from, from + kFrames * kBands);
    }
    const std::vector<OnnxInput> inputs = {
        {embedding_->inputs().front(), {{static_cast<std::int64_t>(batch), kFrames, kBands, 1}, std::move(heard)}}};
    ZY_TRY(const auto answer, embedding_->run(inputs));
    const auto& values = answer.front().floats();
    if (values.size() != batch * kDim) return internal("the speech embedding gave another size than 96 a window");
    out.insert(out.end(), values.begin(), values.end());
  }
  return out;
}

}  // namespace zhiyin
