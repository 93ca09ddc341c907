// Where there is text in a picture: PP-OCRv4's detector, a network with a differentiable binarisation (DB, Liao et al.
// 2020, arXiv 1911.08947): for each pixel how likely it belongs to the shrunken core of a line of text.
//
// The map is cut at kCore; connected pixels (eight neighbours) are a core; one whose mean is under kSurest or that is
// tiny is dropped; its upright bounding box grows by area * kGrowth / perimeter, undoing the shrinking. Lines that
// slant are boxed upright too and read poorly.
//
// The model takes [1, 3, H, W] with sides divisible by 32, blue, green, red. About 50 ms of CPU for 640 x 360.
// Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "understand/embed/onnx/onnx_session.h"
#include "understand/media/media.h"

namespace zhiyin {

// In pixels of the frame; lies inside it.
struct TextBox {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
  float score = 0;  // mean of the map over the core
};

class OcrDetector {
 public:
  static constexpr std::string_view kFolder = "models/ocr";
  static constexpr float kCore = 0.3F;
  static constexpr float kSurest = 0.5F;
  static constexpr float kGrowth = 1.5F;
  static constexpr int kLongestSide =
      736;  // larger pictures are looked at smaller; boxes are of the picture all the same

  // The folder holds det.onnx.
  static Result<std::unique_ptr<OcrDetector>> open(const std::filesystem::path& folder);
  explicit OcrDetector(std::unique_ptr<OnnxSession> session) : session_(std::move(session)) {}

  // Lines of text in reading order: from top to bottom, and from left to right where they stand side by side.
  [[nodiscard]] Result<std::vector<TextBox>> find(const Frame& frame) const;

 private:
  std::unique_ptr<OnnxSession> session_;
};

// The boxes in a map of width x height probabilities, in its pixels, grown, in no order.
std::vector<TextBox> boxes_of_map(std::span<const float> map, int width, int height);

// Reading order, in place.
void sort_for_reading(std::vector<TextBox>& boxes);

}  // namespace zhiyin
