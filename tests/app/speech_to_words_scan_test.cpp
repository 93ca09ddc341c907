// The program writes down what is said in a file, when it is asked to, and the words belong to the item.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "support/media_files.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "understand/embed/manifest.h"
#include "understand/embed/sound/pocketsphinx_words.h"
#include "understand/embed/sound/voice_activity.h"

namespace zhiyin {
namespace {

using ::testing::HasSubstr;

class SpeechToWordsScan : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto words = open_pocketsphinx(); !words.ok()) GTEST_SKIP() << "NOT TESTED: " << words.error().message;
    if (const auto voices = VoiceActivity::open(model_cache() / VoiceActivity::kFolder); !voices.ok())
      GTEST_SKIP() << "NOT TESTED: " << voices.error().message << "; `./run setup` mends it";
    // Only what listens to speech: the other models would cost seconds and change nothing here.
    std::filesystem::create_directories((cache() / VoiceActivity::kFolder).parent_path());
    std::filesystem::create_directory_symlink(model_cache() / VoiceActivity::kFolder, cache() / VoiceActivity::kFolder);
    ::setenv("ZHIYIN_CACHE", cache().c_str(), 1);
    // A voice of Debian's ffmpeg.
    media_.ffmpeg("clip.wav", "-f lavfi -i \"flite=text='the mountain and the river. music and children.':voice=slt\"");
  }
  void TearDown() override { ::unsetenv("ZHIYIN_CACHE"); }

  std::filesystem::path cache() const { return folder_ / "cache"; }
  Json zhiyin(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--home", (folder_ / "home").string(), "--json"});
    const auto run = run_program(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    return Json::parse(run.output).value();
  }
  Json scan(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"scan", media_.path("").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return zhiyin(arguments);
  }
  std::size_t found(const std::string& query) { return zhiyin({"search", query})["items"].elements().size(); }

  TemporaryFolder folder_;
  MediaFolder media_;
};

TEST_F(SpeechToWordsScan, IsOffUntilAskedForAndThenAddsTheWordsToTheItem) {
  EXPECT_EQ(scan()["analysed"].as_integer(), 1);
  EXPECT_EQ(found("mountain"), 0U) << "nobody asked";
  const auto again = scan({"--speech-to-words"});
  EXPECT_EQ(again["updated"].as_integer(), 1);
  std::vector<std::string> ran;
  for (const auto& cost : again["costs"].elements()) ran.emplace_back(cost["encoder"].as_string());
  EXPECT_THAT(ran, ::testing::UnorderedElementsAre("decode", "speech.pocketsphinx", "text.hash")) << "and what it cost";
  const auto items = zhiyin({"search", "mountain river"})["items"];
  ASSERT_EQ(items.elements().size(), 1U);
  const auto item = zhiyin({"inspect", "item", std::string(items.elements()[0]["id"].as_string())});
  std::string said;
  for (const auto& passage : item["perception"]["passages"].elements()) {
    EXPECT_EQ(passage["kind"].as_string(), "speech");
    EXPECT_EQ(passage["encoder"].as_string(), "speech.pocketsphinx");
    said += std::string(passage["text"].as_string()) + ' ';
  }
  for (const auto* word : {"mountain", "river", "music", "children"}) EXPECT_THAT(said, HasSubstr(word));
  EXPECT_EQ(scan({"--speech-to-words"})["unchanged"].as_integer(), 1) << "heard once";
}

}  // namespace
}  // namespace zhiyin
