#include "understand/embed/sound/sound_senses.h"

#include "understand/embed/sound/sound_features.h"

namespace zhiyin {
namespace {

class ClassicSound final : public Sense {
 public:
  [[nodiscard]] std::string_view name() const override { return kSoundEncoder; }
  [[nodiscard]] int version() const override { return kSoundEncoderVersion; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    if (decoded.music.samples.empty()) return {};
    ZY_TRY(auto heard, sound_features(decoded.music));
    found.vectors.push_back({std::string(name()), version(), std::move(heard)});
    return {};
  }
};

}  // namespace

void open_sound_senses(const std::filesystem::path&, bool, Senses& senses) { senses.push_back(std::make_unique<ClassicSound>()); }

}  // namespace zhiyin
