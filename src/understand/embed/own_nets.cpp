#include "understand/embed/own_nets.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/tensors.h"
#include "base/text.h"

namespace zhiyin {
namespace {

nn::Parameters parameters(OwnNets& nets) {
  nn::Parameters all;
  nets.sound.enumerate("sound", all);
  nets.pictures.enumerate("pictures", all);
  return all;
}

class OwnSound final : public Sense {
 public:
  explicit OwnSound(std::shared_ptr<const OwnNets> nets) : nets_(std::move(nets)) {}
  [[nodiscard]] std::string_view name() const override { return kOwnSound; }
  [[nodiscard]] int version() const override { return nets_->version; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    ZY_TRY(const auto strip, mel_strip(decoded.music));
    if (!strip.levels.empty()) found.vectors.push_back({std::string(name()), version(), nets_->hear(strip)});
    return {};
  }

 private:
  std::shared_ptr<const OwnNets> nets_;
};

class OwnPictures final : public Sense {
 public:
  explicit OwnPictures(std::shared_ptr<const OwnNets> nets) : nets_(std::move(nets)) {}
  [[nodiscard]] std::string_view name() const override { return kOwnPictures; }
  [[nodiscard]] int version() const override { return nets_->version; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    const auto strip = frame_strip(decoded.frames);
    if (!strip.frames.empty()) found.vectors.push_back({std::string(name()), version(), nets_->see(strip)});
    return {};
  }

 private:
  std::shared_ptr<const OwnNets> nets_;
};

}  // namespace

OwnNets::OwnNets(std::uint64_t seed) : random(seed), sound(kSoundWindow, random), pictures(kFrameSquare, random) {}

std::vector<float> OwnNets::hear(const MelStrip& strip) const { return sound.embed(whole(strip)).values(); }
std::vector<float> OwnNets::see(const FrameStrip& strip) const { return pictures.embed(whole(strip)).values(); }

std::filesystem::path own_nets_file(const std::filesystem::path& home) { return home / "own.safetensors"; }

Result<void> save_own_nets(OwnNets& nets, const std::filesystem::path& file) {
  Tensors tensors;
  nn::save(parameters(nets), "", tensors);
  tensors.metadata = {
      {"format", "1"},
      {"version", fmt::format("{}", nets.version)},
      {"knows", fmt::format("{}{}", nets.knows_sound ? "sound " : "", nets.knows_pictures ? "pictures " : "")}};
  return tensors.save(file);
}

Result<std::shared_ptr<OwnNets>> load_own_nets(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed))
    return not_found(fmt::format("{}: nothing has been pretrained yet (`zhiyin pretrain`)", file.string()));
  constexpr std::string_view kMend = "; `zhiyin pretrain` makes it anew";
  auto tensors = Tensors::open(file);
  if (!tensors.ok()) return corrupt(tensors.error().message + std::string(kMend));
  auto nets = std::make_shared<OwnNets>(0);
  if (auto loaded = nn::load(parameters(*nets), "", *tensors); !loaded.ok()) {
    return corrupt(fmt::format("{}: {}{}", file.string(), loaded.error().message, kMend));
  }
  const auto& metadata = tensors->metadata;
  const auto text = [&](const char* key) { return metadata.contains(key) ? metadata.at(key) : std::string(); };
  nets->version = std::atoi(text("version").c_str());
  nets->knows_sound = text("knows").find("sound") != std::string::npos;
  nets->knows_pictures = text("knows").find("pictures") != std::string::npos;
  if (text("format") != "1" || nets->version < 1)
    return corrupt(fmt::format("{}: format or version is missing{}", file.string(), kMend));
  return nets;
}

void open_own_senses(const std::filesystem::path& home, Senses& senses) {
  const auto loaded = load_own_nets(own_nets_file(home));
  if (!loaded.ok()) {
    if (loaded.error().code != ErrorCode::kNotFound)
      log_warning("the home's own senses are left out: {}", loaded.error().message);
    return;
  }
  const std::shared_ptr<const OwnNets> nets = *loaded;
  if (nets->knows_sound) senses.push_back(std::make_unique<OwnSound>(nets));
  if (nets->knows_pictures) senses.push_back(std::make_unique<OwnPictures>(nets));
}

}  // namespace zhiyin
