#include "understand/embed/sound/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/media_files.h"
#include "support/places.h"

namespace zhiyin {
namespace {

// Fourteen seconds of chords that a seed chooses, none of them twice in the same order (squares modulo a prime).
std::filesystem::path tune(const MediaFolder& folder, const std::string& name, int seed,
                           const std::string& codec = "") {
  std::string sum;
  for (int voice = 0; voice < 3; ++voice) {
    sum += (voice > 0 ? "+" : "") + std::string("0.2*sin(2*PI*t*") + std::to_string(140 * (voice + 1)) +
           "*pow(2,mod(floor(2*t)*floor(2*t)*" + std::to_string(seed * (voice + 2) + 5) + ",29)/12))";
  }
  return folder.ffmpeg(name, "-f lavfi -i \"aevalsrc='" + sum + "':s=44100:d=14\" " + codec);
}

std::vector<std::uint32_t> bits_of(const std::filesystem::path& file) {
  const auto decoded = decode(file, {}, program_path());
  EXPECT_TRUE(decoded.ok()) << decoded.error().message;
  const auto text = fingerprint_of(decoded->music);
  EXPECT_TRUE(text.ok());
  EXPECT_FALSE(text->empty());
  return fingerprint_bits(*text).value();
}

TEST(Fingerprint, OutlivesAnotherCodecAndTellsOtherSoundApart) {
  const MediaFolder folder;
  const auto original = bits_of(tune(folder, "a.flac", 7));
  EXPECT_GT(best_match(original, bits_of(tune(folder, "a.mp3", 7, "-b:a 96k"))).same_bits, 0.9);
  EXPECT_GT(best_match(original, bits_of(tune(folder, "a.ogg", 7, "-c:a libvorbis -ar 32000 -q:a 2"))).same_bits, 0.9);
  EXPECT_LT(best_match(original, bits_of(tune(folder, "b.flac", 11))).same_bits, 0.75);
}

TEST(Fingerprint, FindsWhereACutBegins) {
  const MediaFolder folder;
  const auto whole = tune(folder, "whole.flac", 7);
  const auto cut = folder.ffmpeg("cut.flac", "-ss 4 -i '" + whole.string() + "'");
  const auto match = best_match(bits_of(whole), bits_of(cut));
  EXPECT_GT(match.same_bits, 0.9);
  EXPECT_NEAR(match.offset, -4 / 0.1238, 2);  // a word each 0.1238 s; the cut's first stands at the whole's 32nd
}

TEST(Fingerprint, OfTooLittleSoundIsEmpty) {
  EXPECT_EQ(fingerprint_of(tone(440, 1)).value(), "");
  EXPECT_EQ(fingerprint_of({44100, {}}).value(), "");
}

TEST(Fingerprint, ThatIsNoneIsRefused) {
  for (const auto* text : {"", "x", "AQAA", "what is this?"}) EXPECT_FALSE(fingerprint_bits(text).ok()) << text;
}

TEST(BestMatch, CountsEqualBitsOverTheOverlap) {
  const std::vector<std::uint32_t> a = {1, 2, 3, 4, 5, 6};
  const std::vector<std::uint32_t> b = {3, 4, 5, 6, 7, 8};
  const auto match = best_match(a, b);
  EXPECT_EQ(match.offset, -2);
  EXPECT_EQ(match.overlap, 4);
  EXPECT_EQ(match.same_bits, 1);
  EXPECT_EQ(best_match(a, {}).overlap, 0);
  EXPECT_EQ(best_match(a, a).same_bits, 1);
}

}  // namespace
}  // namespace zhiyin
