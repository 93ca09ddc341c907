// The nets that a home has learned from its own files (`zhiyin pretrain`), and the senses that they make: "sound.own"
// and "vision.own", ClipNet::kDim numbers each. They live in home/own.safetensors; each training raises their version,
// because vectors of two trainings are not comparable.
//
// Immutable once loaded; thread-safe.
#pragma once

#include <filesystem>
#include <memory>

#include "understand/embed/clip_material.h"
#include "understand/sense.h"

namespace zhiyin {

inline constexpr std::string_view kOwnSound = "sound.own";
inline constexpr std::string_view kOwnPictures = "vision.own";

struct OwnNets {
  explicit OwnNets(std::uint64_t seed);  // random weights
  OwnNets(const OwnNets&) = delete;
  OwnNets& operator=(const OwnNets&) = delete;

  int version = 0;           // 0: never trained
  bool knows_sound = false;  // whether there was sound to learn from
  bool knows_pictures = false;
  Random random;  // what drew the weights
  ClipNet sound;
  ClipNet pictures;

  [[nodiscard]] std::vector<float> hear(const MelStrip& strip) const;  // the strip must not be empty
  [[nodiscard]] std::vector<float> see(const FrameStrip& strip) const;
};

std::filesystem::path own_nets_file(const std::filesystem::path& home);
Result<void> save_own_nets(OwnNets& nets, const std::filesystem::path& file);
// kNotFound where the home has none; kCorrupt with the way out (pretrain again) where the file is damaged.
Result<std::shared_ptr<OwnNets>> load_own_nets(const std::filesystem::path& file);

// Appends the senses of the home's own nets. None is no error; a damaged file costs these senses and a line in the log.
void open_own_senses(const std::filesystem::path& home, Senses& senses);

}  // namespace zhiyin
