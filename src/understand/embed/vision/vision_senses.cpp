#include "understand/embed/vision/vision_senses.h"

#include "understand/embed/vision/picture_features.h"

namespace zhiyin {
namespace {

class ClassicPictures final : public Sense {
 public:
  [[nodiscard]] std::string_view name() const override { return kPictureEncoder; }
  [[nodiscard]] int version() const override { return kPictureEncoderVersion; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    if (decoded.frames.empty()) return {};
    found.vectors.push_back({std::string(name()), version(), picture_features(decoded.frames)});
    return {};
  }
};

}  // namespace

void open_vision_senses(const std::filesystem::path&, Senses& senses) { senses.push_back(std::make_unique<ClassicPictures>()); }

}  // namespace zhiyin
