// Files that are broken, odd or made to hurt, through the whole write path: the item lives with what could be
// understood, and what could not is stored with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "base/json.h"
#include "feed/ingest/scan.h"
#include "feed/recommend/search.h"
#include "support/media_files.h"
#include "support/places.h"
#include "support/world.h"
#include "understand/embed/senses.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// An ID3v2.3 tag of one frame.
std::string id3(std::string_view name, std::string_view content) {
  const auto number = [](std::size_t value, unsigned bits) {
    std::string bytes;
    for (int i = 3; i >= 0; --i)
      bytes += static_cast<char>((value >> (bits * static_cast<unsigned>(i))) & ((1U << bits) - 1));
    return bytes;
  };
  auto frame = std::string(name) + number(content.size(), 8) + std::string(2, '\0') + std::string(content);
  return std::string("ID3\x03\0\0", 6) + number(frame.size(), 7) + frame;
}

class HostileScan : public ::testing::Test {
 protected:
  HostileScan() { world.encoders.senses = open_senses("/nowhere"); }  // those that need no model

  ScanReport run(const DecodeLimits& limits = {}) {
    Ingest ingest(*world.store, *world.log, nullptr, world.encoders, {.decode = limits, .worker = program_path()});
    auto report = scan(std::vector{media.path("")}, ingest, *world.store, {.threads = 2, .stop = {}, .ready = {}});
    if (!report.ok()) throw std::runtime_error(report.error().message);
    return *report;
  }
  Item item(std::string_view name) const {
    const auto file = world.store->file((fs::canonical(media.path("")) / name).string()).value();
    if (!file) throw std::runtime_error("no item for " + std::string(name));
    return world.store->item(file->item).value().value();
  }
  std::string warnings(std::string_view name) const {
    std::string all;
    const auto perception = world.store->perception(item(name).id).value().value();
    for (const auto& warning : perception.warnings) all += warning + "\n";
    return all;
  }
  bool has_vector(std::string_view name, std::string_view encoder) const {
    const auto vectors = world.store->vectors(item(name).id).value();
    return std::ranges::find(vectors, encoder, &StoredVector::encoder) != vectors.end();
  }

  World world;
  MediaFolder media;
};

TEST_F(HostileScan, AnAbsurdResolutionCostsThePictureNotTheSound) {
  media.ffmpeg("a.mkv", "-f lavfi -i testsrc=d=2:s=320x240:r=5 -f lavfi -i sine=440:d=2 -c:v libx264 -c:a libvorbis");
  EXPECT_EQ(run({.pixels = 10'000}).analysed, 1);
  EXPECT_EQ(item("a.mkv").media.kind, MediaKind::kAudio);
  EXPECT_TRUE(has_vector("a.mkv", "sound.classic"));
  EXPECT_THAT(warnings("a.mkv"), HasSubstr("frame of 320x240 is over the limit"));
}

TEST_F(HostileScan, PicturesWithoutSoundAndSoundWithoutPicturesAreUnderstoodByHalf) {
  media.ffmpeg("silent.mp4", "-f lavfi -i testsrc=d=1:s=64x64:r=5 -c:v libx264");
  media.ffmpeg("blind.m4a", "-f lavfi -i sine=440:d=1 -c:a aac");
  EXPECT_EQ(run().analysed, 2);
  EXPECT_TRUE(has_vector("silent.mp4", "picture.classic"));
  EXPECT_FALSE(has_vector("silent.mp4", "sound.classic"));
  EXPECT_TRUE(has_vector("blind.m4a", "sound.classic"));
  EXPECT_FALSE(has_vector("blind.m4a", "picture.classic"));
}

TEST_F(HostileScan, HoursOfSoundAreHeardFromTheMiddleInLittleMemory) {
  constexpr std::uint32_t kBytes = 3 * 3600 * 8000 * 2;
  auto bytes = wav_bytes(tone(440, 1, 8000));
  for (const auto& [at, value] : {std::pair{4, kBytes + 36}, {40, kBytes}}) {
    for (int i = 0; i < 4; ++i) bytes[static_cast<std::size_t>(at + i)] = static_cast<char>((value >> (8 * i)) & 0xffU);
  }
  const auto file = media.write("night.wav", bytes);
  fs::resize_file(file, kBytes + 44);  // holes: silence that takes no room
  EXPECT_EQ(run({.memory_bytes = 600U << 20U}).analysed, 1);
  EXPECT_NEAR(item("night.wav").media.duration_s, 3 * 3600, 1);
}

TEST_F(HostileScan, HoursOfPicturesAreSeenAtTheirKeyFrames) {
  media.ffmpeg("slides.mkv", "-f lavfi -i testsrc=s=64x64:r=1/10 -t 10800 -c:v libx264 -preset ultrafast -g 6");
  EXPECT_EQ(run({.memory_bytes = 600U << 20U}).analysed, 1);
  EXPECT_NEAR(item("slides.mkv").media.duration_s, 10800, 20);
  EXPECT_TRUE(has_vector("slides.mkv", "picture.classic"));
}

// Amharic, Thai, Arabic, Georgian: words of no encoder's language, in tags, folders and names of files.
TEST_F(HostileScan, ALanguageNobodyExpectedIsKeptAndCanBeSearched) {
  const std::vector<std::pair<std::string, std::string>> songs = {
      {"a.ogg", "የኢትዮጵያ ሙዚቃ"}, {"b.ogg", "เพลงไทย"}, {"c.ogg", "موسيقى عربية"}, {"d.ogg", "ქართული სიმღერა"}};
  double hz = 300;
  for (const auto& [name, title] : songs) {
    media.ffmpeg(name, "-f lavfi -i sine=" + std::to_string(hz += 50) + ":d=1 -metadata title='" + title + "'");
  }
  EXPECT_EQ(run().analysed, 4);
  world.refresh();
  for (const auto& [name, title] : songs) {
    EXPECT_EQ(item(name).title, title);
    EXPECT_TRUE(has_vector(name, "text.hash")) << title;
    const auto found = search_items(*world.view, world.encoders.text, title, 1, Language::kEnglish).value();
    ASSERT_EQ(found.size(), 1U) << title;
    EXPECT_EQ(found[0].item, item(name).id) << title;
  }
}

TEST_F(HostileScan, AWrongExtensionSaysNothingOfTheFile) {
  media.ffmpeg("a.mp4", "-f lavfi -i testsrc=d=1:s=64x64:r=5 -c:v libx264");
  fs::rename(media.path("a.mp4"), media.path("a.mp3"));
  EXPECT_EQ(run().analysed, 1);
  EXPECT_EQ(item("a.mp3").media.kind, MediaKind::kVideo);
  EXPECT_EQ(item("a.mp3").media.content_type, "video/mp4");
}

TEST_F(HostileScan, AnAnimatedCoverIsStillACover) {
  const auto gif = read_file(media.ffmpeg("moving.gif", "-f lavfi -i testsrc=d=2:s=64x48:r=5")).value();
  const auto song =
      read_file(media.ffmpeg("song.mp3", "-f lavfi -i sine=440:d=1 -id3v2_version 0 -c:a libmp3lame")).value();
  fs::remove(media.path("moving.gif"));
  fs::remove(media.path("song.mp3"));
  media.write("a.mp3", id3("APIC", std::string("\0image/gif\0\x03\0", 13) + gif) + song);
  EXPECT_EQ(run().analysed, 1);
  EXPECT_EQ(item("a.mp3").media.kind, MediaKind::kAudio);
  const auto cover = world.store->cover(item("a.mp3").id).value();
  ASSERT_TRUE(cover.has_value()) << warnings("a.mp3");
  EXPECT_EQ(cover->content_type, "image/jpeg") << "its first picture, made anew";
  EXPECT_TRUE(world.store->picture(item("a.mp3").id, Picture::kSmall).value().has_value());
}

// An ID3v2.3 title in bytes that claim to be Latin-1, in front of a song.
TEST_F(HostileScan, BrokenTagsInAnyEncodingBecomeValidTextAndCostNothingElse) {
  const auto song =
      read_file(media.ffmpeg("song.mp3", "-f lavfi -i sine=440:d=1 -map_metadata -1 -id3v2_version 0 -c:a libmp3lame"))
          .value();
  fs::remove(media.path("song.mp3"));
  const std::vector<std::string> titles = {std::string("\0\xcf\xf0\xe8\xe2\xe5\xf2", 7),   // CP1251 as Latin-1
                                           std::string("\0\x82\xb1\x82\xf1\x82\xc9", 7),   // Shift-JIS as Latin-1
                                           std::string("\1\xff\xfe\x41", 4),               // half a UTF-16 character
                                           std::string("\3\xff\xfe\xfd\xc0\x80", 6),       // no UTF-8
                                           std::string("\x09what encoding is nine?", 23),  //
                                           std::string("\0", 1)};
  for (std::size_t i = 0; i < titles.size(); ++i) {
    media.write("t" + std::to_string(i) + ".mp3", id3("TIT2", titles[i]) + song);
  }
  const auto report = run();
  EXPECT_EQ(report.analysed, static_cast<std::int64_t>(titles.size()));
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const auto name = "t" + std::to_string(i) + ".mp3";
    EXPECT_TRUE(is_utf8(item(name).title)) << i;
    EXPECT_FALSE(item(name).title.empty()) << i;
    EXPECT_TRUE(has_vector(name, "sound.classic")) << i;
  }
}

TEST_F(HostileScan, ADamagedStreamGivesWhatIsStillThere) {
  auto bytes =
      read_file(
          media.ffmpeg(
              "a.mkv",
              "-f lavfi -i testsrc=d=4:s=160x120:r=10 -f lavfi -i sine=440:d=4 -c:v libx264 -g 10 -c:a libvorbis"))
          .value();
  fs::remove(media.path("a.mkv"));
  for (std::size_t at = bytes.size() / 2; at < bytes.size() / 2 + bytes.size() / 10; ++at)
    bytes[at] = static_cast<char>(at * 31);
  media.write("hurt.mkv", bytes);
  media.write("cut.mkv", bytes.substr(0, bytes.size() / 3));
  const auto report = run();
  EXPECT_EQ(report.analysed, 2);
  EXPECT_TRUE(has_vector("hurt.mkv", "sound.classic"));
  EXPECT_TRUE(has_vector("hurt.mkv", "picture.classic"));
  EXPECT_FALSE(warnings("hurt.mkv").empty());
}

TEST_F(HostileScan, SubtitlesAreReadAsWordsOfTheItem) {
  media.write("cues.srt", "1\n00:00:00,100 --> 00:00:00,900\nThe guqin of Bo Ya\n\n");
  media.ffmpeg("a.mkv", "-f lavfi -i testsrc=d=1:s=64x64:r=5 -i cues.srt -map 0 -map 1 -c:v libx264 -c:s srt");
  fs::remove(media.path("cues.srt"));
  run();
  const auto perception = world.store->perception(item("a.mkv").id).value().value();
  ASSERT_EQ(perception.passages.size(), 1U);
  EXPECT_EQ(perception.passages[0].kind, "subtitle");
  EXPECT_EQ(perception.passages[0].text, "The guqin of Bo Ya");
}

}  // namespace
}  // namespace zhiyin
