#include "understand/embed/vision/vision_senses.h"

#include "base/log.h"
#include "understand/embed/vision/adult_score.h"
#include "understand/embed/vision/centernet.h"
#include "understand/embed/vision/object_sense.h"
#include "understand/embed/vision/perceptual_hash.h"
#include "understand/embed/vision/picture_features.h"
#include "understand/embed/vision/screen_text.h"
#include "understand/embed/vision/shot_statistics.h"

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

// Adds the sense that `make` makes of an opened model; a model that is not there costs its sense only.
template <typename Model, typename Make>
void add(const std::filesystem::path& cache, std::string_view name, Senses& senses, Make make) {
  if (auto model = Model::open(cache / Model::kFolder); model.ok()) {
    senses.push_back(make(std::move(model).value()));
  } else {
    log_warning("{} is not there and gives nothing; `./run setup` mends it ({})", name, model.error().message);
  }
}

}  // namespace

void open_vision_senses(const std::filesystem::path& cache, Senses& senses) {
  senses.push_back(std::make_unique<ClassicPictures>());
  senses.push_back(std::make_unique<PerceptualHash>());
  senses.push_back(std::make_unique<ShotSense>());
  add<CenterNet>(cache, CenterNet::kName, senses, [](std::unique_ptr<CenterNet> model) {
    return std::make_unique<ObjectSense>(std::string(CenterNet::kName), CenterNet::kVersion, std::move(model));
  });
  add<ScreenText>(cache, ScreenText::kName, senses, [](std::unique_ptr<ScreenText> sense) { return sense; });
  add<AdultModel>(cache, AdultScore::kName, senses,
                  [](std::unique_ptr<AdultModel> model) { return std::make_unique<AdultScore>(std::move(model)); });
}

}  // namespace zhiyin
