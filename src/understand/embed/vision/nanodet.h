// NanoDet (an anchor-free detector on ShuffleNetV2): the 80 kinds of object of CenterNet at half its cost, without a
// look. The model takes [1, 3, 416, 416], blue, green, red, each less its mean and over its deviation; a picture is
// stretched to it. About 26 ms of CPU a picture. Thread-safe.
#pragma once

#include <array>
#include <filesystem>
#include <memory>

#include "understand/embed/onnx/onnx_session.h"
#include "understand/embed/vision/object_model.h"

namespace zhiyin {

class NanoDet final : public ObjectModel {
 public:
  static constexpr std::string_view kFolder = "models/nanodet";
  static constexpr std::string_view kName = "vision.nanodet";
  static constexpr int kVersion = 1;
  static constexpr int kSide = 416;
  // Scores of strides 8, 16 and 32: [1, positions, 80].
  static constexpr std::array<std::string_view, 3> kScores = {"Identity", "Identity_1", "Identity_2"};

  // The folder holds nanodet.onnx (understand/embed/models.h makes it).
  static Result<std::unique_ptr<NanoDet>> open(const std::filesystem::path& folder);
  explicit NanoDet(std::unique_ptr<OnnxSession> session) : session_(std::move(session)) {}

  [[nodiscard]] std::size_t look_dim() const override { return 0; }
  [[nodiscard]] Result<ObjectView> view(const Frame& frame) const override;

 private:
  std::unique_ptr<OnnxSession> session_;
};

}  // namespace zhiyin
