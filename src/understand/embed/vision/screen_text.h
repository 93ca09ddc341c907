// The sense of words that are to be seen: on the pages of a file (media.h) lines of text are found and read, in English
// and Chinese. Adds passages of kind "screen".
//
// Cost: about 50 ms a page and 17 ms a line. Reading stops at kMostColumns of line a file; a line that stands where one
// of the page before stood and looks the same is not read again.
#pragma once

#include <memory>

#include "understand/embed/vision/ocr_detector.h"
#include "understand/embed/vision/ocr_reader.h"
#include "understand/sense.h"

namespace zhiyin {

class ScreenText final : public Sense {
 public:
  static constexpr std::string_view kName = "vision.text";
  static constexpr int kVersion = 1;
  static constexpr int kMostColumns = 16'000;      // about a second of CPU
  static constexpr double kLeastConfidence = 0.7;  // of a line that is kept
  static constexpr std::size_t kShortest = 3;      // bytes: one Chinese character, or three letters

  // The folder of OcrDetector.
  static constexpr std::string_view kFolder = OcrDetector::kFolder;
  static Result<std::unique_ptr<ScreenText>> open(const std::filesystem::path& folder);
  ScreenText(std::unique_ptr<OcrDetector> detector, std::unique_ptr<OcrReader> reader)
      : detector_(std::move(detector)), reader_(std::move(reader)) {}

  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] int version() const override { return kVersion; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override;

 private:
  std::unique_ptr<OcrDetector> detector_;
  std::unique_ptr<OcrReader> reader_;
};

}  // namespace zhiyin
