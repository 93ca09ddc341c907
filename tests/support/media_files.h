// Media files that a test makes for itself, in a folder that goes when the test ends.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "understand/media/media.h"

namespace zhiyin {

class MediaFolder {
 public:
  MediaFolder();
  ~MediaFolder();
  MediaFolder(const MediaFolder&) = delete;
  MediaFolder& operator=(const MediaFolder&) = delete;

  [[nodiscard]] std::filesystem::path path(std::string_view name) const { return folder_ / name; }
  std::filesystem::path write(std::string_view name, std::string_view bytes) const;
  // Runs ffmpeg with these arguments and the file's path as the last one. The test fails if ffmpeg does.
  std::filesystem::path ffmpeg(std::string_view name, std::string_view arguments) const;

 private:
  std::filesystem::path folder_;
};

// 16-bit PCM WAV, header and all.
std::string wav_bytes(const Sound& sound);
// A pure tone of half of full scale.
Sound tone(double hz, double seconds, int sample_rate = 44100);
// White noise, always the same.
Sound noise(double seconds, int sample_rate = 44100);
// One colour.
Frame plain_frame(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue);

// The folder of real clips, or nothing where it is not on this machine.
std::optional<std::filesystem::path> real_media();

}  // namespace zhiyin
