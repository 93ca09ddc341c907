// CenterNet (Zhou et al. 2019, arXiv 1904.07850, "Objects as Points") on MobileNetV3: for each of 80 kinds of object a
// 128 x 128 map of how likely its centre is there. The model takes [1, 512, 512, 3], RGB 0 to 255; a picture is
// stretched to it.
//
// The look is the mean over the 16 x 16 positions of the last map of the backbone (480 channels), before the heads.
// About 50 ms of CPU a picture. Thread-safe.
#pragma once

#include <filesystem>
#include <memory>

#include "understand/embed/onnx/onnx_session.h"
#include "understand/embed/vision/object_model.h"

namespace zhiyin {

class CenterNet final : public ObjectModel {
 public:
  static constexpr std::string_view kFolder = "models/centernet";  // in the cache of models
  static constexpr std::string_view kName = "vision.centernet";
  static constexpr int kVersion = 1;
  static constexpr int kSide = 512;
  static constexpr std::size_t kLook = 480;
  // Nodes of the TensorFlow.js graph; the ONNX model keeps their names.
  static constexpr std::string_view kHeatMap = "tower_0/keypoints";                  // [1, 128, 128, 80]
  static constexpr std::string_view kFeatures = "tower_0/extern1/hard_swish/mul_1";  // [1, 16, 16, 480]

  // The folder holds centernet.onnx (understand/embed/models.h makes it).
  static Result<std::unique_ptr<CenterNet>> open(const std::filesystem::path& folder);
  explicit CenterNet(std::unique_ptr<OnnxSession> session) : session_(std::move(session)) {}

  [[nodiscard]] std::size_t look_dim() const override { return kLook; }
  [[nodiscard]] Result<ObjectView> view(const Frame& frame) const override;

 private:
  std::unique_ptr<OnnxSession> session_;
};

}  // namespace zhiyin
