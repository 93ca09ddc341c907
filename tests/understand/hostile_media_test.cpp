// Files that are broken, mislabelled or made to hurt: an error that says why, never a crash of this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "support/media_files.h"
#include "support/places.h"
#include "understand/media/media.h"
#include "understand/media/wire.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

const std::filesystem::path kWorker = program_path();

std::string refusal(const std::filesystem::path& file, const DecodeLimits& limits = {}) {
  const auto result = decode(file, limits, kWorker);
  EXPECT_FALSE(result.ok()) << file << " was accepted";
  if (result.ok()) return {};
  EXPECT_EQ(result.error().code, ErrorCode::kInvalid) << result.error().message;
  return result.error().message;
}

std::string random_bytes(std::uint64_t seed, std::size_t size) {
  Random random(seed);
  std::string bytes(size, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

TEST(HostileMedia, AnEmptyFileSaysSo) {
  const MediaFolder folder;
  EXPECT_EQ(refusal(folder.write("nothing.mp4", "")), "file is empty");
}

TEST(HostileMedia, AMissingFileAFolderAndAPipeAreNoMedia) {
  const MediaFolder folder;
  EXPECT_EQ(decode(folder.path("gone.mp4"), {}, kWorker).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal(folder.path("")), "not a regular file");
  ASSERT_EQ(::mkfifo(folder.path("pipe.mp4").c_str(), 0600), 0);
  EXPECT_EQ(refusal(folder.path("pipe.mp4")), "not a regular file");
}

TEST(HostileMedia, TextCalledVideoIsRefused) {
  const MediaFolder folder;
  const auto why = refusal(folder.write("story.mp4", "Once upon a time there was a string and a listener.\n"));
  EXPECT_THAT(why, HasSubstr("not an audio, video or picture file"));
}

TEST(HostileMedia, APlaylistLeadsNowhere) {
  const MediaFolder folder;
  folder.write("secret.wav", wav_bytes(tone(440, 1)));
  refusal(folder.write("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.wav\n#EXT-X-ENDLIST\n"));
  refusal(folder.write("list.mp4", "ffconcat version 1.0\nfile secret.wav\n"));
}

TEST(HostileMedia, ARenamedFileIsWhatItIs) {
  const MediaFolder folder;
  folder.ffmpeg("a.mp4", "-f lavfi -i testsrc=d=1:s=64x64:r=5 -c:v libx264");
  std::filesystem::rename(folder.path("a.mp4"), folder.path("a.mp3"));
  const auto seen = decode(folder.path("a.mp3"), {}, kWorker);
  ASSERT_TRUE(seen.ok()) << seen.error().message;
  EXPECT_EQ(seen->content_type, "video/mp4");
}

TEST(HostileMedia, ATruncatedMp4SaysWhatIsMissing) {
  const MediaFolder folder;
  const auto whole = read_file(folder.ffmpeg("a.mp4", "-f lavfi -i testsrc=d=2:s=320x240:r=10 -c:v libx264")).value();
  const auto why = refusal(folder.write("cut.mp4", whole.substr(0, whole.size() / 2)));
  EXPECT_THAT(why, HasSubstr("moov atom not found"));
}

TEST(HostileMedia, ATruncatedSongPlaysAsFarAsItGoes) {
  const MediaFolder folder;
  const auto whole = read_file(folder.ffmpeg("a.ogg", "-f lavfi -i sine=440:d=10 -c:a libvorbis")).value();
  const auto heard = decode(folder.write("cut.ogg", whole.substr(0, whole.size() / 2)), {}, kWorker);
  ASSERT_TRUE(heard.ok()) << heard.error().message;
  const double seconds = static_cast<double>(heard->music.samples.size()) / heard->music.sample_rate;
  EXPECT_GT(seconds, 2);
  EXPECT_LT(seconds, 9);
}

// Every file cut at many places and with bytes turned: an answer each time, of either kind.
TEST(HostileMedia, DamageAnywhereGivesAnAnswer) {
  const MediaFolder folder;
  folder.ffmpeg("a.mp4", "-f lavfi -i testsrc=d=1:s=64x64:r=5 -f lavfi -i sine=d=1 -c:v libx264 -c:a aac");
  folder.ffmpeg("a.webm", "-i a.mp4 -c:v libvpx -c:a libopus");
  folder.ffmpeg("a.mp3", "-i a.mp4 -vn");
  folder.ffmpeg("a.png", "-i a.mp4 -frames:v 1");
  std::uint64_t seed = 1;
  for (const auto* name : {"a.mp4", "a.webm", "a.mp3", "a.png"}) {
    const auto whole = read_file(folder.path(name)).value();
    for (const double part : {0.01, 0.3, 0.9}) {
      auto bytes = whole.substr(0, static_cast<std::size_t>(part * static_cast<double>(whole.size())));
      (void)decode(folder.write("cut", bytes), {}, kWorker);
      Random random(seed++);
      bytes = whole;
      for (int i = 0; i < 40; ++i) {
        bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<char>(random.next());
      }
      const auto result = decode(folder.write("turned", bytes), {}, kWorker);
      EXPECT_TRUE(result.ok() || result.error().code == ErrorCode::kInvalid) << name << ": " << result.error().message;
    }
  }
}

TEST(HostileMedia, RandomBytesBehindAValidMagicAreRefused) {
  const MediaFolder folder;
  const std::array<std::string, 7> magics = {std::string("\x89PNG\r\n\x1a\n", 8),
                                             std::string("\xff\xd8\xff\xe0", 4),
                                             std::string("OggS\0\x02", 6),
                                             std::string("RIFF\xff\xff\xff\x7fWAVEfmt ", 16),
                                             std::string("\x1a\x45\xdf\xa3", 4),
                                             std::string("\0\0\0\x18"
                                                         "ftypmp42",
                                                         12),
                                             std::string("fLaC", 4)};
  for (const auto& magic : magics) {
    const auto file = folder.write("garbage", magic + random_bytes(magic.size(), 200000));
    const auto result = decode(file, {}, kWorker);
    // Noise may pass for a few damaged frames of something; what it must not be is another kind of failure.
    EXPECT_TRUE(result.ok() || result.error().code == ErrorCode::kInvalid) << result.error().message;
  }
}

std::string png_header(std::uint32_t width, std::uint32_t height) {
  std::string ihdr = "IHDR";
  for (const auto value : {width, height}) {
    for (int shift = 24; shift >= 0; shift -= 8)
      ihdr.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xffU));
  }
  ihdr += std::string("\x08\x02\0\0\0", 5);
  std::uint32_t crc = 0xffffffffU;
  for (const char c : ihdr) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  crc = ~crc;
  std::string bytes("\x89PNG\r\n\x1a\n\0\0\0\x0d", 12);
  bytes += ihdr;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>((crc >> static_cast<unsigned>(shift)) & 0xffU));
  bytes += std::string("\0\0\0\x05IDAT", 8) + "hello" + std::string(4, '\0');
  return bytes;
}

TEST(HostileMedia, APictureOfAbsurdSizeIsRefusedByName) {
  const MediaFolder folder;
  EXPECT_EQ(refusal(folder.write("huge.png", png_header(90000, 90000))),
            "frame of 90000x90000 is over the limit of 40 megapixels");
  EXPECT_EQ(refusal(folder.write("large.png", png_header(9000, 9000))),
            "frame of 9000x9000 is over the limit of 40 megapixels");
}

TEST(HostileMedia, AFileThatTakesTooLongIsStopped) {
  const MediaFolder folder;
  const auto file = folder.ffmpeg("a.mp4", "-f lavfi -i testsrc=d=10:s=640x480:r=25 -c:v libx264 -preset ultrafast");
  const Stopwatch watch;
  EXPECT_EQ(refusal(file, {.wall_s = 0.02}), "stopped after 0.02 s");
  EXPECT_LT(watch.seconds(), 5);
}

TEST(HostileMedia, AFileThatNeedsTooMuchMemoryIsStopped) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer needs the address space that this test takes away";
#else
  const MediaFolder folder;
  const auto file = folder.ffmpeg("large.png", "-f lavfi -i testsrc=s=6000x6000 -frames:v 1");
  ASSERT_TRUE(decode(file, {}, kWorker).ok());
  for (const std::size_t mebibytes : {60, 150, 200}) {
    const auto why = refusal(file, {.memory_bytes = mebibytes << 20U});
    EXPECT_EQ(why, "needs more memory than the limit of " + std::to_string(mebibytes) + " MiB");
  }
#endif
}

TEST(HostileMedia, AWorkerThatIsNoWorkerIsNamed) {
  const MediaFolder folder;
  const auto file = folder.write("tone.wav", wav_bytes(tone(440, 0.2)));
  EXPECT_THAT(decode(file, {}, "/nowhere/worker").error().message, HasSubstr("/nowhere/worker"));
  EXPECT_FALSE(decode(file, {}, "/bin/true").ok());
  EXPECT_FALSE(decode(file, {}, "/bin/false").ok());
}

TEST(Wire, KeepsWhatWasDecoded) {
  Decoded value;
  value.kind = MediaKind::kVideo;
  value.content_type = "video/mp4";
  value.duration_s = 2.5;
  value.tags = {{"title", "知音"}, {"artist", ""}};
  value.frames = {plain_frame(3, 2, 1, 2, 3)};
  value.music = {8000, {0.5F, -0.25F}};
  value.cover = std::string("\xff\xd8\0", 3);
  value.small = {"small", "image/jpeg"};
  value.preview = {"moving", "image/webp"};
  value.subtitles = {{"subtitle", 1, 2.5, "高山流水", 1, "decode"}};
  value.warnings = {"one", "two"};
  const auto back = from_wire(to_wire(value)).value();
  EXPECT_EQ(back.kind, value.kind);
  EXPECT_EQ(back.tags, value.tags);
  EXPECT_EQ(back.frames.at(0).rgb, value.frames[0].rgb);
  EXPECT_EQ(back.music.samples, value.music.samples);
  EXPECT_EQ(back.cover, value.cover);
  EXPECT_EQ(back.warnings, value.warnings);
  EXPECT_EQ(back.small.bytes, "small");
  EXPECT_EQ(back.preview.type, "image/webp");
  EXPECT_EQ(back.subtitles.at(0).text, "高山流水");
  EXPECT_EQ(back.subtitles.at(0).end_s, 2.5);
  EXPECT_EQ(from_wire(to_wire(Error{ErrorCode::kTooLarge, "why", {}})).error().message, "why");
}

TEST(Wire, RefusesEveryTruncationAndLiesAboutSizes) {
  Decoded value;
  value.frames = {plain_frame(3, 2, 1, 2, 3)};
  value.music = {8000, {0.5F}};
  const auto bytes = to_wire(value);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(from_wire(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(from_wire(bytes + "x").ok());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto turned = bytes;
    turned[at] = static_cast<char>(0xff);
    (void)from_wire(turned);  // any answer but a crash
  }
}

}  // namespace
}  // namespace zhiyin
