// Words on the screen: which frames are worth reading, where the lines are, what they say, when they are there.
#include "understand/embed/vision/screen_text.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "support/media_files.h"
#include "support/places.h"
#include "understand/embed/models.h"
#include "understand/embed/vision/known_line.h"
#include "understand/embed/vision/known_picture.h"
#include "understand/embed/vision/screen_passages.h"
#include "understand/media/pages.h"

namespace zhiyin {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kFont = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc";

// --- The detector's map.

TEST(TextBoxes, AreGrownFromTheCoresOfTheMap) {
  std::vector<float> map(std::size_t{64} * 32, 0.0F);
  const auto fill = [&](int left, int top, int width, int height, float value) {
    for (int y = top; y < top + height; ++y) {
      for (int x = left; x < left + width; ++x) map[static_cast<std::size_t>(y * 64 + x)] = value;
    }
  };
  fill(10, 8, 20, 4, 0.9F);
  fill(40, 8, 10, 4, 0.4F);   // not sure enough as a whole
  fill(40, 20, 3, 3, 0.95F);  // tiny
  const auto boxes = boxes_of_map(map, 64, 32);
  ASSERT_THAT(boxes, SizeIs(1));
  // area 80, perimeter 48: grown by 80 * 1.5 / 48 = 2.5, rounded to 3.
  EXPECT_EQ(boxes[0].left, 7);
  EXPECT_EQ(boxes[0].top, 5);
  EXPECT_EQ(boxes[0].width, 26);
  EXPECT_EQ(boxes[0].height, 10);
  EXPECT_NEAR(boxes[0].score, 0.9, 1e-5);
}

TEST(TextBoxes, AreReadRowByRow) {
  std::vector<TextBox> boxes = {{200, 12, 50, 20, 1}, {10, 60, 50, 20, 1}, {10, 8, 50, 20, 1}, {100, 10, 50, 20, 1}};
  sort_for_reading(boxes);
  std::vector<int> lefts;
  for (const auto& box : boxes) lefts.push_back(box.left);
  EXPECT_THAT(lefts, ElementsAre(10, 100, 200, 10));
  EXPECT_EQ(boxes.back().top, 60);
}

// --- The reader's columns: classes are blank, a, b, space.

ReadText read_columns(const std::vector<int>& surest) {
  const std::vector<std::string> keys = {"a", "知"};
  std::vector<float> probabilities;
  for (const int column : surest) {
    for (int i = 0; i < 4; ++i) probabilities.push_back(i == column ? 0.7F : 0.1F);
  }
  return read_greedily(probabilities, 4, keys);
}

TEST(GreedyReading, DropsRepeatsThenBlanks) {
  EXPECT_EQ(read_columns({0, 1, 1, 0, 1, 2, 2, 0}).text, "aa知");
  EXPECT_EQ(read_columns({3, 1, 3, 3, 2, 3}).text, "a 知");
  EXPECT_NEAR(read_columns({1, 1, 0}).confidence, 0.7, 1e-6);
  EXPECT_EQ(read_columns({0, 0, 3}).text, "");
  EXPECT_EQ(read_columns({0, 0, 3}).confidence, 0);
  EXPECT_EQ(read_columns({}).confidence, 0);
}

TEST(OcrReader, InEightBitsReadsWhatTheWholeOneReads) {
  const auto folder = model_cache() / ScreenText::kFolder;
  if (!std::filesystem::exists(folder / OcrReader::kSmallModel)) {
    GTEST_SKIP() << "NOT TESTED: there is no " << OcrReader::kSmallModel << " in " << folder
                 << "; `./run setup` makes it";
  }
  const auto whole = OcrReader::open(folder, OcrReader::kWholeModel).value();
  const auto small = OcrReader::open(folder, OcrReader::kSmallModel).value();
  EXPECT_LT(std::filesystem::file_size(folder / OcrReader::kSmallModel) * 2,
            std::filesystem::file_size(folder / OcrReader::kWholeModel));
  for (const auto* text : {"HELP 2024", "CAFE 1357", "JUL 0689"}) {
    EXPECT_EQ(whole->read(known_line(text)).value().text, text);
    const auto read = small->read(known_line(text)).value();
    EXPECT_EQ(read.text, text);
    EXPECT_NEAR(read.confidence, whole->read(known_line(text)).value().confidence, 0.02);
  }
}

// --- Passages.

TEST(ScreenPassages, ALineThatStaysIsOneAndTheSurestReadingIsKept) {
  const auto passages = screen_passages({{{1, "How to cook noodles", 0.9}, {1, "Episode 1", 0.99}},
                                         {{3, "How to c0ok noodles", 0.8}},
                                         {{5, "How to cook noodles", 0.95}, {5, "Boil the water", 0.9}}},
                                        "vision.text");
  ASSERT_THAT(passages, SizeIs(3));
  EXPECT_EQ(passages[0].text, "How to cook noodles");
  EXPECT_EQ(passages[0].start_s, 1);
  EXPECT_EQ(passages[0].end_s, 5);
  EXPECT_EQ(passages[0].confidence, 0.95);
  EXPECT_EQ(passages[0].kind, "screen");
  EXPECT_EQ(passages[1].text, "Episode 1");
  EXPECT_EQ(passages[1].end_s, 1);
  EXPECT_EQ(passages[2].text, "Boil the water");
}

TEST(ScreenPassages, ALineThatComesBackLateIsAnother) {
  const std::vector<ReadLine> line = {{0, "subscribe now", 1}};
  const std::vector<ReadLine> other = {{0, "something else entirely", 1}};
  EXPECT_THAT(screen_passages({line, other, line}, "e"), SizeIs(2)) << "one page may be missed";
  EXPECT_THAT(screen_passages({line, other, other, line}, "e"), SizeIs(3));
  EXPECT_THAT(screen_passages({{{0, "left", 1}, {0, "left", 1}}}, "e"), SizeIs(2)) << "two on one page stay two";
}

// --- From the file to the words.

class ScreenWords : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = model_cache() / ScreenText::kFolder;
    if (!std::filesystem::exists(folder / "rec.onnx")) {
      GTEST_SKIP() << "NOT TESTED: there is no text reader in " << folder << "; `./run setup` fetches it";
    }
    if (!std::filesystem::exists(kFont)) GTEST_SKIP() << "NOT TESTED: no font: apt install fonts-wqy-microhei";
  }
  Decoded decoded(const std::string& name, const DecodeLimits& limits = {}) const {
    auto result = decode(folder_.path(name), limits, program_path());
    EXPECT_TRUE(result.ok()) << result.error().message;
    return result.ok() ? std::move(*result) : Decoded{};
  }
  static Perception read(const Decoded& decoded) {
    static const auto sense = ScreenText::open(model_cache() / ScreenText::kFolder);
    EXPECT_TRUE(sense.ok()) << sense.error().message;
    Perception found;
    const auto done = sense.value()->perceive(decoded, found);
    EXPECT_TRUE(done.ok()) << done.error().message;
    return found;
  }
  // A filter that draws a line of text; `more` is further options ("enable=...").
  std::string draw(const std::string& text, int size, const std::string& y, const std::string& more = "") const {
    const auto name = "line" + std::to_string(++lines_) + ".txt";
    folder_.write(name, text);
    return "drawtext=fontfile=" + std::string(kFont) + ":textfile=" + name + ":fontsize=" + std::to_string(size) +
           ":fontcolor=white:x=(w-tw)/2:y=" + y + more;
  }
  static std::vector<std::string> texts(const Perception& found) {
    std::vector<std::string> all;
    for (const auto& passage : found.passages) all.push_back(passage.text);
    return all;
  }
  MediaFolder folder_;
  mutable int lines_ = 0;
};

TEST_F(ScreenWords, EnglishAndChineseAreReadOffAPicture) {
  folder_.ffmpeg("page.png", "-f lavfi -i color=0x203040:s=960x540 -frames:v 1 -vf \"" +
                                 draw("How to Cook Spicy Noodles", 48, "100") + "," +
                                 draw("如何在家制作麻辣面条", 48, "250") + "," + draw("2024 Top10", 40, "400") + "\"");
  const auto found = read(decoded("page.png"));
  EXPECT_THAT(texts(found), ElementsAre("How to Cook Spicy Noodles", "如何在家制作麻辣面条", "2024 Top10"));
  for (const auto& passage : found.passages) {
    EXPECT_EQ(passage.kind, "screen");
    EXPECT_EQ(passage.encoder, "vision.text");
    EXPECT_GT(passage.confidence, 0.85);
  }
}

TEST_F(ScreenWords, OfAVideoTheLinesComeWithTheirTimes) {
  folder_.ffmpeg("titles.mp4", "-f lavfi -i testsrc2=d=9:s=640x360:r=10 -vf \"boxblur=20," +
                                   draw("Welcome to the kitchen", 36, "60", ":enable='lt(t,3)'") + "," +
                                   draw("欢迎来到我的厨房", 36, "60", ":enable='gte(t,3)*lt(t,6)'") + "," +
                                   draw("Subscribe", 36, "280", ":enable='lt(t,6)'") + "\" -c:v libx264 -g 10");
  const auto seen = decoded("titles.mp4");
  EXPECT_FALSE(seen.pages.empty());
  const auto found = read(seen);
  const auto passage = [&](const std::string& text) {
    const auto at = std::ranges::find(found.passages, text, &Passage::text);
    EXPECT_NE(at, found.passages.end()) << text << " is not among " << testing::PrintToString(texts(found));
    return at == found.passages.end() ? Passage{} : *at;
  };
  EXPECT_LT(passage("Welcome to the kitchen").end_s, 3);
  EXPECT_GE(passage("欢迎来到我的厨房").start_s, 3);
  EXPECT_LT(passage("欢迎来到我的厨房").end_s, 6);
  EXPECT_LT(passage("Subscribe").start_s, 3);
  EXPECT_GE(passage("Subscribe").end_s, 3) << "one passage over both pages";
}

TEST_F(ScreenWords, PagesAreLargerThanKeyFramesAndOnlyOfFramesThatSeemToHavePrint) {
  folder_.ffmpeg("blank.mp4", "-f lavfi -i gradients=d=3:s=640x360:r=5 -c:v libx264");
  EXPECT_THAT(decoded("blank.mp4").pages, IsEmpty());
  folder_.ffmpeg("still.mp4", "-f lavfi -i color=navy:d=5:s=1280x720:r=5 -vf \"" +
                                  draw("The same words all the time", 60, "300") + "\" -c:v libx264");
  const auto still = decoded("still.mp4");
  ASSERT_THAT(still.pages, SizeIs(1)) << "frames alike are one page";
  EXPECT_EQ(still.pages[0].width, 640);
  EXPECT_EQ(still.frames.at(0).width, 320);
  EXPECT_THAT(decoded("still.mp4", {.pages = 0}).pages, IsEmpty());
}

TEST_F(ScreenWords, APictureWithoutWordsGivesNone) {
  Decoded seen;
  seen.pages = {known_picture(512)};
  EXPECT_THAT(texts(read(seen)), IsEmpty());
}

// --- Choosing pages.

TEST(Pages, AreAtMostAsManyAsAskedForAndThoseWithMostPrint) {
  PageChooser chooser(3);
  int wanted = 0;
  for (int i = 0; i < 50; ++i) {
    auto frame = plain_frame(320, 180, 0, 0, 0);
    frame.time_s = i;
    // Bars of 4 pixels, over more rows in later frames; each frame's are moved.
    for (int y = 0; y < 16 + 3 * i; ++y) {
      for (int x = 0; x < 160; ++x) {
        if ((x + 2 * i) / 4 % 2 == 0)
          std::fill_n(&frame.rgb[3 * static_cast<std::size_t>(y * 320 + x)], 3, std::uint8_t{255});
      }
    }
    if (!chooser.wants(frame)) continue;
    ++wanted;
    chooser.take(frame);
  }
  EXPECT_EQ(wanted, 50);
  const auto pages = chooser.finish();
  ASSERT_THAT(pages, SizeIs(3));
  EXPECT_GT(pages[0].time_s, 30);
  EXPECT_LT(pages[0].time_s, pages[1].time_s);
  EXPECT_THAT(chooser.finish(), IsEmpty());
}

TEST(Pages, AFlatOrSmoothFrameHasNoPrint) {
  EXPECT_EQ(print_map(plain_frame(320, 180, 9, 9, 9)).count, 0);
  EXPECT_EQ(print_map(plain_frame(3, 3, 9, 9, 9)).count, 0);
  auto ramp = plain_frame(320, 180, 0, 0, 0);
  for (std::size_t i = 0; i < ramp.rgb.size(); ++i) ramp.rgb[i] = static_cast<std::uint8_t>(i / 3 % 320 * 255 / 320);
  EXPECT_EQ(print_map(ramp).count, 0);
}

}  // namespace
}  // namespace zhiyin
