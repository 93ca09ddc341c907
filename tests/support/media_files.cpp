#include "support/media_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numbers>

#include "base/build.h"
#include "base/random.h"

namespace zhiyin {

namespace fs = std::filesystem;

MediaFolder::MediaFolder() {
  auto pattern = (fs::temp_directory_path() / "zhiyin-media-XXXXXX").string();
  const char* made = ::mkdtemp(pattern.data());
  EXPECT_NE(made, nullptr);
  folder_ = pattern;
}

MediaFolder::~MediaFolder() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

fs::path MediaFolder::write(std::string_view name, std::string_view bytes) const {
  std::ofstream(path(name), std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path(name);
}

fs::path MediaFolder::ffmpeg(std::string_view name, std::string_view arguments) const {
  const auto command = "cd '" + folder_.string() + "' && ffmpeg -nostdin -y -v error " + std::string(arguments) + " '" +
                       std::string(name) + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT: no input from outside
  return path(name);
}

std::string wav_bytes(const Sound& sound) {
  std::string bytes;
  const auto number = [&bytes](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
  };
  const auto data = static_cast<std::uint32_t>(2 * sound.samples.size());
  const auto rate = static_cast<std::uint32_t>(sound.sample_rate);
  bytes += "RIFF";
  number(36 + data, 4);
  bytes += "WAVEfmt ";
  number(16, 4);
  number(1, 2);  // PCM
  number(1, 2);  // channels
  number(rate, 4);
  number(2 * rate, 4);  // bytes a second
  number(2, 2);         // bytes a sample
  number(16, 2);        // bits
  bytes += "data";
  number(data, 4);
  for (const float sample : sound.samples) number(static_cast<std::uint16_t>(std::lround(sample * 32767)), 2);
  return bytes;
}

Sound tone(double hz, double seconds, int sample_rate) {
  Sound sound{.sample_rate = sample_rate, .samples = {}};
  sound.samples.resize(static_cast<std::size_t>(seconds * sample_rate));
  for (std::size_t i = 0; i < sound.samples.size(); ++i) {
    sound.samples[i] =
        static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / sample_rate));
  }
  return sound;
}

Sound noise(double seconds, int sample_rate) {
  Random random(7);
  Sound sound{.sample_rate = sample_rate, .samples = {}};
  sound.samples.resize(static_cast<std::size_t>(seconds * sample_rate));
  for (auto& sample : sound.samples) sample = random.uniform() - 0.5F;
  return sound;
}

Frame plain_frame(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Frame frame{.width = width, .height = height, .time_s = 0, .rgb = {}};
  for (int i = 0; i < width * height; ++i) frame.rgb.insert(frame.rgb.end(), {red, green, blue});
  return frame;
}

std::optional<fs::path> real_media() {
  const char* shared = std::getenv("ZHIYIN_SHARED_DATA");
  const fs::path root = shared != nullptr ? fs::path(shared) : source_dir() / ".." / "shared" / "data";
  std::error_code failed;
  if (!fs::exists(root / "media" / "audio_labels.tsv", failed)) return std::nullopt;
  return root / "media";
}

}  // namespace zhiyin
