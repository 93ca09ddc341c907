#include "understand/embed/vision/nanodet.h"

#include <algorithm>

#include "understand/embed/vision/resize.h"

namespace zhiyin {
namespace {

constexpr std::array<float, 3> kMean = {103.53F, 116.28F, 123.675F};  // blue, green, red
constexpr std::array<float, 3> kDeviation = {57.375F, 57.12F, 58.395F};

}  // namespace

Result<std::unique_ptr<NanoDet>> NanoDet::open(const std::filesystem::path& folder) {
  ZY_TRY(auto session, OnnxSession::open(folder / "nanodet.onnx"));
  return std::make_unique<NanoDet>(std::move(session));
}

Result<ObjectView> NanoDet::view(const Frame& frame) const {
  const auto square = resized(frame, kSide, kSide);
  constexpr std::size_t kPixels = std::size_t{kSide} * kSide;
  std::vector<float> planes(3 * kPixels);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t p = 0; p < kPixels; ++p) {
      planes[c * kPixels + p] = (static_cast<float>(square.rgb[3 * p + 2 - c]) - kMean[c]) / kDeviation[c];
    }
  }
  const OnnxInput input{"input_1", {{1, 3, kSide, kSide}, std::move(planes)}};
  ZY_TRY(const auto arrays, session_->run({&input, 1}, std::vector<std::string>(kScores.begin(), kScores.end())));
  ObjectView view{std::vector<float>(kCocoNames.size(), 0.0F), {}};
  for (const auto& array : arrays) {
    const auto& scores = array.floats();
    if (scores.size() % kCocoNames.size() != 0) {
      return invalid("nanodet.onnx has outputs of other sizes: make it anew with `zhiyin setup`");
    }
    for (std::size_t i = 0; i < scores.size(); ++i) {
      auto& best = view.scores[i % kCocoNames.size()];
      best = std::max(best, scores[i]);
    }
  }
  return view;
}

}  // namespace zhiyin
