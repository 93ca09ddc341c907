// How likely a file shows adult content, by nsfwjs's MobileNetV2 (trained to tell drawings, hentai, neutral pictures,
// porn and sexy pictures apart).
//
// The model errs, and not by the frame but by the scene: of ordinary photos about three in a hundred look like porn to
// it, and so does every frame of a tame parrot on a shoulder (.84 in the middle, .95 at most; of 38 videos and 69
// drawings, none of them adult, the next has .52). So the middle one of a file's frames decides, not the highest; a
// file of one frame is looked at four times (whole, mirrored, two crops) and the lowest counts. From kAdultScore on a
// file may be called adult. What share of adult files that finds has not been measured: there is no such material here.
// The score is the fact "adult" and nothing else: no vector and no tag knows of it, so that it cannot leak into what is
// recommended.
#pragma once

#include <array>
#include <filesystem>
#include <memory>

#include "understand/embed/onnx/onnx_session.h"
#include "understand/sense.h"

namespace zhiyin {

inline constexpr double kAdultScore = 0.9;

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

// The median of the scores of single frames, the lower of the two middle ones. 0 where there is none.
double adult_score(std::vector<double> frames);

}  // namespace zhiyin
