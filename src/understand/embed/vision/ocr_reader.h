// What a line of text says: PP-OCRv4's recogniser (SVTR, Du et al. 2022), Chinese and English: 6623 characters and the
// space.
//
// The model takes [1, 3, 48, W], blue, green, red in [-1, 1]; it gives, for each eighth column, how likely each
// character is. Read greedily after CTC (Graves et al. 2006): the surest class of each column, repeats dropped, then
// blanks dropped. About 17 ms of CPU for a line of 320 columns. Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "understand/embed/onnx/onnx_session.h"
#include "understand/media/media.h"

namespace zhiyin {

struct ReadText {
  std::string text;       // UTF-8, blanks at the ends cut off
  double confidence = 0;  // mean of the characters' probabilities, 0 where there is none
};

// probabilities: steps x classes, row-major. Class 0 is the blank, class i the key i - 1, the one after the keys the
// space.
ReadText read_greedily(std::span<const float> probabilities, std::size_t classes, std::span<const std::string> keys);

class OcrReader {
 public:
  static constexpr int kHeight = 48;
  static constexpr int kWidest = 1600;  // columns; a longer line is squeezed

  static constexpr std::string_view kSmallModel = "rec.int8.onnx";  // products in eight bits, the rest in half
  static constexpr std::string_view kWholeModel = "rec.onnx";

  // The folder holds the models and keys.txt (one character a line). Without the small model the whole one is taken.
  static Result<std::unique_ptr<OcrReader>> open(const std::filesystem::path& folder);
  static Result<std::unique_ptr<OcrReader>> open(const std::filesystem::path& folder, std::string_view model);
  OcrReader(std::unique_ptr<OnnxSession> session, std::vector<std::string> keys)
      : session_(std::move(session)), keys_(std::move(keys)) {}

  // A picture of one line, cut out. Must have pixels.
  [[nodiscard]] Result<ReadText> read(const Frame& line) const;
  // How likely each class is: a row for each eighth column.
  [[nodiscard]] Result<std::vector<float>> probabilities(const Frame& line) const;
  [[nodiscard]] std::size_t classes() const { return keys_.size() + 2; }
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }
  // The columns that the network will see of it, which is what reading costs.
  [[nodiscard]] static int columns(int width, int height);

 private:
  std::unique_ptr<OnnxSession> session_;
  std::vector<std::string> keys_;
};

}  // namespace zhiyin
