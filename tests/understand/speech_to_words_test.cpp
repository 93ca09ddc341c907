#include "understand/embed/sound/speech_to_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/media_files.h"
#include "support/places.h"
#include "understand/embed/sound/pocketsphinx_words.h"
#include "understand/embed/sound/speech_senses.h"

namespace zhiyin {
namespace {

class Pocketsphinx : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_pocketsphinx();
    if (!opened.ok()) GTEST_SKIP() << "NOT TESTED: " << opened.error().message;
    recogniser_ = std::move(*opened);
  }
  [[nodiscard]] std::string heard(const Sound& sound) const {
    const double end_s = static_cast<double>(sound.samples.size()) / SpeechToWords::kRate;
    std::string text;
    const auto passages = recogniser_->words(sound, std::vector<SpeechSegment>{{0, end_s}}).value();
    for (const auto& passage : passages) {
      EXPECT_EQ(passage.kind, "speech");
      EXPECT_EQ(passage.encoder, recogniser_->name());
      EXPECT_GT(passage.confidence, 0);
      EXPECT_LE(passage.confidence, 1);
      text += passage.text;
    }
    return text;
  }
  std::unique_ptr<SpeechToWords> recogniser_;
};

TEST_F(Pocketsphinx, UnderstandsSpokenDigitsFromAnyThread) {
  const auto media = real_media();
  if (!media) GTEST_SKIP() << "no real clips here: set ZHIYIN_SHARED_DATA";
  std::vector<std::thread> threads;
  for (const auto& [clip, word] :
       {std::pair{"1_jackson_0", "one"}, std::pair{"3_lucas_0", "three"}, std::pair{"9_lucas_0", "nine"}}) {
    const auto speech = decode(*media / "audio/fsdd" / (std::string(clip) + ".wav"), {}, program_path()).value().speech;
    threads.emplace_back([this, speech, word] { EXPECT_EQ(heard(speech), word); });
  }
  for (auto& thread : threads) thread.join();
}

TEST_F(Pocketsphinx, HearsNothingInSilenceOrNoSegments) {
  EXPECT_EQ(heard({SpeechToWords::kRate, std::vector<float>(SpeechToWords::kRate, 0.0F)}), "");
  EXPECT_TRUE(recogniser_->words(tone(300, 1, SpeechToWords::kRate), {}).value().empty());
  EXPECT_TRUE(recogniser_->words({SpeechToWords::kRate, {}}, std::vector<SpeechSegment>{{0, 1}}).value().empty());
}

TEST(PocketsphinxModel, ThatIsMissingNamesThePackage) {
  const auto opened = open_pocketsphinx("/nowhere");
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, testing::HasSubstr("apt-get install pocketsphinx-en-us"));
}

}  // namespace
}  // namespace zhiyin
