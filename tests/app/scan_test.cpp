// The real program scanning: killed on the way, watching a folder, listing what it did not understand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/json.h"
#include "state/store/sqlite/sqlite_store.h"
#include "support/media_files.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ScanProgram : public ::testing::Test {
 protected:
  ScanProgram() {
    fs::create_directories(music());
    ::setenv("ZHIYIN_CACHE", (folder_ / "no-models").c_str(),
             1);  // classic encoders only: they need a tenth of the time
  }
  ~ScanProgram() override { ::unsetenv("ZHIYIN_CACHE"); }

  fs::path music() const { return folder_ / "music"; }
  std::string home() const { return (folder_ / "home").string(); }
  void write(const std::string& name, double hz) const {
    std::ofstream(music() / name, std::ios::binary) << wav_bytes(tone(hz, 0.2, 8000));
  }
  std::vector<std::string> scan(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"--home", home(), "--json", "scan", music().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  static Json json(const ProgramRun& run) {
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    return Json::parse(run.output).value();
  }
  std::int64_t stored() const {
    const auto store = open_sqlite_store(folder_ / "home" / "catalogue.db");
    return store.ok() ? (*store)->count_items().value() : -1;
  }
  // Reads reports of a watching program until this count has come together: a file may be left at first, for it is new.
  static bool comes_to(BackgroundProgram& running, const char* what, std::int64_t count) {
    while (count > 0) {
      const auto report = Json::parse(running.read_line());
      if (!report.ok()) return false;
      count -= (*report)[what].as_integer();
    }
    return count == 0;
  }

  // Waits until it holds, at most a minute.
  template <typename Holds>
  static bool soon(const Holds& holds) {
    for (int i = 0; i < 600; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }

  TemporaryFolder folder_;
};

TEST_F(ScanProgram, GoesOnAfterKill9WithNothingLostAndNothingAnalysedTwice) {
  constexpr int kFiles = 40;
  for (int i = 0; i < kFiles; ++i) write(std::to_string(i) + ".wav", 200 + 20 * i);
  std::int64_t before = 0;
  {
    BackgroundProgram running(scan());
    ASSERT_TRUE(soon([&] { return fs::exists(folder_ / "home" / "catalogue.db") && stored() >= 3; }));
    running.kill(SIGKILL);
    before = stored();
  }
  ASSERT_LT(before, kFiles) << "the scan was over before it was killed: nothing was tested";
  const auto again = json(run_program(scan()));
  EXPECT_EQ(again["analysed"].as_integer(), kFiles - before);
  EXPECT_EQ(again["unchanged"].as_integer(), before);
  EXPECT_EQ(stored(), kFiles);
  EXPECT_EQ(json(run_program(scan()))["unchanged"].as_integer(), kFiles);
}

TEST_F(ScanProgram, WatchingTakesInWhatComesMovesAndGoesUntilItIsTold) {
  write("a.wav", 440);
  write("b.wav", 550);
  BackgroundProgram running(scan({"--watch", "--quiet-s", "0.3"}));
  EXPECT_TRUE(comes_to(running, "analysed", 2));
  fs::create_directories(music() / "new");
  write("new/c.wav", 660);
  EXPECT_TRUE(comes_to(running, "analysed", 1)) << "in a folder that was not there before";
  fs::rename(music() / "a.wav", music() / "new" / "d.wav");
  EXPECT_TRUE(comes_to(running, "moved", 1));
  fs::remove(music() / "b.wav");
  EXPECT_TRUE(comes_to(running, "gone", 1));
  EXPECT_EQ(running.end(SIGTERM), 0);
  EXPECT_EQ(stored(), 3);
}

TEST_F(ScanProgram, AFileThatIsStillBeingWrittenIsLeftUntilItIsQuiet) {
  write("a.wav", 440);
  BackgroundProgram running(scan({"--watch", "--quiet-s", "1"}));
  EXPECT_TRUE(comes_to(running, "analysed", 1));
  const auto bytes = wav_bytes(tone(660, 2, 8000));
  {
    std::ofstream out(music() / "slow.wav", std::ios::binary);
    for (std::size_t part = 0; part < 6; ++part) {
      const auto from = part * bytes.size() / 6;
      out << bytes.substr(from, (part + 1) * bytes.size() / 6 - from) << std::flush;
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
    }
  }
  EXPECT_TRUE(comes_to(running, "analysed", 1));
  EXPECT_EQ(running.end(SIGINT), 0);
  const auto store = open_sqlite_store(folder_ / "home" / "catalogue.db").value();
  const auto file = store->file((fs::canonical(music()) / "slow.wav").string()).value();
  ASSERT_TRUE(file.has_value());
  EXPECT_NEAR(store->item(file->item).value()->media.duration_s, 2, 0.01) << "whole, not the part that was there first";
  EXPECT_TRUE(store->reports().value().empty());
}

TEST_F(ScanProgram, ListsRefusedFilesAndWhatOfOthersWasNotUnderstood) {
  std::ofstream(music() / "story.mp4") << "Once upon a time there was a string and a listener.";
  write("a.wav", 440);
  json(run_program(scan()));
  const auto report = json(run_program({"--home", home(), "--json", "scan", "--report"}));
  EXPECT_THAT(std::string(report["reports"].elements().at(0)["path"].as_string()), HasSubstr("story.mp4"));
  const auto partial = report["partial"].dump();
  EXPECT_THAT(partial, HasSubstr("model:")) << "no model is in this cache: " << partial;
}

TEST_F(ScanProgram, InspectShowsEverythingThatWasUnderstood) {
  write("a.wav", 440);
  json(run_program(scan()));
  const auto store = open_sqlite_store(folder_ / "home" / "catalogue.db").value();
  std::string id;
  ASSERT_TRUE(store->each_item([&](Item&& item) { id = item.id.value; }).ok());
  const auto shown = json(run_program({"--home", home(), "--json", "inspect", "item", id}));
  EXPECT_EQ(shown["media"]["kind"].as_string(), "audio");
  EXPECT_FALSE(shown["media"]["gone"].as_bool(true));
  EXPECT_GT(shown["perception"]["cpu_s"].as_number(), 0);
  EXPECT_EQ(shown["perception"]["runs"].elements().at(0)["encoder"].as_string(), "decode");
  EXPECT_FALSE(shown["vectors"].elements().empty());
}

}  // namespace
}  // namespace zhiyin
