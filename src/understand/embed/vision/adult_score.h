// How likely a file shows adult content, by nsfwjs's MobileNetV2 (trained to tell drawings, hentai, neutral pictures, porn
// and sexy pictures apart).
//
// The model errs: of ordinary photos about three in a hundred look like porn to it. So no single look decides. The score
// of a file is the second highest of its frames' scores; a file of one frame is looked at four times (whole, mirrored, two
// crops) and the lowest counts. From kAdultScore on a file may be called adult. The score is the fact "adult" and nothing
// else: no vector and no tag knows of it, so that it cannot leak into what is recommended.
#pragma once

#include <array>
#include <filesystem>
#include <memory>

#include "understand/embed/onnx/onnx_session.h"
#include "understand/sense.h"

namespace zhiyin {

inline constexpr double kAdultScore = 0.8;

// Thread-safe. About 10 ms of CPU a look.
class AdultModel {
 public:
  static constexpr std::string_view kFolder = "models/nsfw";
  static constexpr int kSide = 224;
  static constexpr std::string_view kOutput = "Identity";
  enum Class { kDrawing, kHentai, kNeutral, kPorn, kSexy, kClasses };

  // The folder holds nsfw.onnx (understand/embed/models.h makes it).
  static Result<std::unique_ptr<AdultModel>> open(const std::filesystem::path& folder);
  explicit AdultModel(std::unique_ptr<OnnxSession> session) : session_(std::move(session)) {}

  // One number a class, sum 1. The frame must have pixels; it is stretched to the square that the model wants.
  [[nodiscard]] Result<std::array<float, kClasses>> classes(const Frame& frame) const;

 private:
  std::unique_ptr<OnnxSession> session_;
};

class AdultScore final : public Sense {
 public:
  static constexpr std::string_view kName = "vision.adult";

  explicit AdultScore(std::unique_ptr<AdultModel> model) : model_(std::move(model)) {}
  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override;

 private:
  std::unique_ptr<AdultModel> model_;
};

// What the scores of single frames, each in [0, 1], make of a file. 0 where there is none.
double adult_score(std::vector<double> frames);

}  // namespace zhiyin
