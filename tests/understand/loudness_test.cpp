// The meter against the signals and the limits of EBU Tech 3341 and 3342, and against ffmpeg's.
#include "understand/media/loudness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <numbers>

#include "support/media_files.h"
#include "support/places.h"

namespace zhiyin {
namespace {

struct Stretch {
  double seconds;
  double dbfs;  // peak of the sine in each channel
};

// The same 1 kHz sine in every channel, stretch by stretch.
std::optional<Loudness> sines(const std::vector<Stretch>& stretches, int channels = 2, int rate = 48000) {
  LoudnessMeter meter;
  meter.begin(rate, std::vector<double>(static_cast<std::size_t>(channels), 1.0));
  std::size_t t = 0;
  for (const auto& [seconds, dbfs] : stretches) {
    std::vector<float> samples(static_cast<std::size_t>(seconds * rate));
    for (auto& sample : samples) {
      sample = static_cast<float>(std::pow(10, dbfs / 20) *
                                  std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(t++) / rate));
    }
    meter.add(std::vector<const float*>(static_cast<std::size_t>(channels), samples.data()), samples.size());
  }
  return meter.measured();
}

TEST(Loudness, OfTheSinesOfTech3341IsWhatItSays) {
  EXPECT_NEAR(sines({{20, -23}})->integrated_lufs, -23, 0.1);
  EXPECT_NEAR(sines({{20, -33}})->integrated_lufs, -33, 0.1);
  EXPECT_NEAR(sines({{10, -36}, {60, -23}, {10, -36}})->integrated_lufs, -23, 0.1);
  EXPECT_NEAR(sines({{10, -72}, {10, -36}, {60, -23}, {10, -36}, {10, -72}})->integrated_lufs, -23, 0.1);
  EXPECT_NEAR(sines({{20, -26}, {20.1, -20}, {20, -26}})->integrated_lufs, -23, 0.1);
}

TEST(Loudness, IsTheSameAtOtherRates) {
  for (const int rate : {8000, 22050, 44100})
    EXPECT_NEAR(sines({{5, -23}}, 2, rate)->integrated_lufs, -23, 0.1) << rate;
}

TEST(Loudness, OfChannelsAtTheSidesCountsMoreAndLowEffectsNothing) {
  constexpr int kRate = 48000;
  LoudnessMeter meter;
  const std::vector<double> gains = {1, 1,    1,
                                     0, 1.41, 1.41};  // left, right, centre, low effects, left and right surround
  const std::vector<double> dbfs = {-28, -28, -24,
                                    -3,  -30, -30};  // case 6 of Tech 3341, with noise where it must not count
  meter.begin(kRate, gains);
  std::vector<std::vector<float>> planes(6, std::vector<float>(20 * kRate));
  std::vector<const float*> channels;
  for (std::size_t c = 0; c < planes.size(); ++c) {
    for (std::size_t t = 0; t < planes[c].size(); ++t) {
      planes[c][t] = static_cast<float>(std::pow(10, dbfs[c] / 20) *
                                        std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(t) / kRate));
    }
    channels.push_back(planes[c].data());
  }
  meter.add(channels, planes[0].size());
  EXPECT_NEAR(meter.measured()->integrated_lufs, -23, 0.1);
}

TEST(Loudness, RangeOfTheSinesOfTech3342IsWhatItSays) {
  EXPECT_NEAR(sines({{20, -20}, {20, -30}})->range_lu, 10, 1);
  EXPECT_NEAR(sines({{20, -20}, {20, -15}})->range_lu, 5, 1);
  EXPECT_NEAR(sines({{20, -40}, {20, -20}})->range_lu, 20, 1);
  EXPECT_NEAR(sines({{20, -50}, {20, -35}, {20, -20}, {20, -35}, {20, -50}})->range_lu, 15, 1);
}

TEST(Loudness, SilenceAndAnInstantHaveNone) {
  EXPECT_FALSE(sines({{5, -90}}).has_value());
  EXPECT_FALSE(sines({{0.3, -20}}).has_value());
  EXPECT_FALSE(LoudnessMeter().measured().has_value());
  EXPECT_EQ(sines({{1, -20}})->range_lu, 0);
}

TEST(Loudness, DoesNotDependOnHowTheSamplesArrive) {
  LoudnessMeter whole;
  LoudnessMeter parts;
  const auto sound = noise(3, 48000);
  whole.begin(48000, std::vector<double>{1});
  parts.begin(48000, std::vector<double>{1});
  const float* all[] = {sound.samples.data()};
  whole.add(all, sound.samples.size());
  for (std::size_t i = 0; i < sound.samples.size(); i += 1021) {
    const float* some[] = {sound.samples.data() + i};
    parts.add(some, std::min<std::size_t>(1021, sound.samples.size() - i));
  }
  EXPECT_NEAR(whole.measured()->integrated_lufs, parts.measured()->integrated_lufs, 1e-6);
}

// What ffmpeg's ebur128 filter says of a file: "I: -23.0 LUFS", "LRA: 5.0 LU".
Loudness by_ffmpeg(const std::filesystem::path& file) {
  const auto command =
      "ffmpeg -nostdin -hide_banner -nostats -i '" + file.string() + "' -af ebur128=framelog=verbose -f null - 2>&1";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  Loudness found;
  char line[512];
  while (pipe != nullptr && std::fgets(line, sizeof(line), pipe.get()) != nullptr) {
    (void)std::sscanf(line, " I: %lf LUFS", &found.integrated_lufs);
    (void)std::sscanf(line, " LRA: %lf LU", &found.range_lu);
  }
  return found;
}

TEST(Loudness, OfAFileIsWhatFfmpegMeasures) {
  const MediaFolder folder;
  const std::vector<std::filesystem::path> files = {
      // Noise on the left, a trembling tone on the right: a mono mix would measure something else.
      folder.ffmpeg(
          "wide.flac",
          "-f lavfi -i anoisesrc=d=20:a=0.2:c=pink:r=44100:seed=5 -f lavfi -i sine=f=300:d=20:r=44100 -filter_complex "
          "'[1]tremolo=f=0.2:d=0.9[t];[0][t]join=inputs=2:channel_layout=stereo'"),
      folder.ffmpeg("surround.mkv",
                    "-f lavfi -i anoisesrc=d=12:a=0.1:c=brown:r=48000:seed=6 -af "
                    "'pan=5.1|c0=c0|c1=.5*c0|c2=.2*c0|c3=c0|c4=.7*c0|c5=.3*c0' -c:a flac"),
      folder.ffmpeg("loud.mp3", "-f lavfi -i sine=f=440:d=10:r=44100 -af 'volume=17dB,pan=stereo|c0=c0|c1=c0'")};
  for (const auto& file : files) {
    const auto expected = by_ffmpeg(file);
    ASSERT_LT(expected.integrated_lufs, -1) << "ffmpeg measured nothing of " << file;
    const auto decoded = decode(file, {}, program_path());
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    ASSERT_TRUE(decoded->loudness.has_value());
    EXPECT_NEAR(decoded->loudness->integrated_lufs, expected.integrated_lufs, 0.2) << file;
    EXPECT_NEAR(decoded->loudness->range_lu, expected.range_lu, 0.5) << file;
  }
}

TEST(DecodedSound, OfTwoEqualChannelsAtFullScaleIsNotCut) {
  const MediaFolder folder;
  const auto file = folder.ffmpeg("full.mkv",
                                  "-f lavfi -i sine=f=441:d=1:r=44100 -af "
                                  "'volume=17.9dB,pan=stereo|c0=c0|c1=c0,aformat=sample_fmts=flt' -c:a pcm_f32le");
  const auto decoded = decode(file, {}, program_path());
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  double squares = 0;
  for (const float sample : decoded->music.samples) squares += double{sample} * sample;
  const double rms = std::sqrt(squares / static_cast<double>(decoded->music.samples.size()));
  EXPECT_NEAR(rms, 0.125 * std::pow(10, 17.9 / 20) / std::numbers::sqrt2, 0.01);  // lavfi's sine has 1/8 of full scale
}

}  // namespace
}  // namespace zhiyin
