#include "base/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace zhiyin {
namespace {

using ::testing::HasSubstr;

class ProgressTest : public ::testing::Test {
 protected:
  ProgressOutput output(bool terminal) {
    return {.write = [this](std::string_view text) { shown_ += text; },
            .seconds = [this] { return now_; },
            .terminal = terminal};
  }
  std::string shown_;
  double now_ = 100;
};

TEST_F(ProgressTest, ATerminalSeesBarRateAndRemainingTime) {
  Progress progress("scan", 100, output(true));
  now_ += 5;
  progress.advance(25);
  EXPECT_EQ(shown_, "\r\x1b[Kscan [##########..............................] 25/100 (25%), 5/s, 0:15 left");
  now_ += 15;
  progress.advance(75);
  progress.finish();
  EXPECT_THAT(shown_, HasSubstr("\r\x1b[Kscan: 100 in 0:20, 5/s\n"));
}

TEST_F(ProgressTest, ATerminalIsRedrawnTenTimesASecondAtMost) {
  Progress progress("scan", 1000, output(true));
  for (int i = 0; i < 1000; ++i) {
    now_ += 0.001;
    progress.advance();
  }
  EXPECT_LE(std::ranges::count(shown_, '\r'), 10);
  EXPECT_GE(std::ranges::count(shown_, '\r'), 8);
}

TEST_F(ProgressTest, AFileGetsAPlainLineNowAndThen) {
  Progress progress("train", 40, output(false));
  for (int i = 0; i < 40; ++i) {
    now_ += 1;
    progress.advance();
  }
  progress.finish();
  EXPECT_EQ(std::ranges::count(shown_, '\r'), 0);
  EXPECT_THAT(shown_, HasSubstr("train: 10/40 (25%), 1/s, 0:30 left\n"));
  EXPECT_THAT(shown_, HasSubstr("train: 40 in 0:40, 1/s\n"));
  EXPECT_LE(std::ranges::count(shown_, '\n'), 5);
}

TEST_F(ProgressTest, QuickWorkIsSilentInAFile) {
  Progress progress("train", 3, output(false));
  progress.advance(3);
  progress.finish();
  EXPECT_EQ(shown_, "");
}

TEST_F(ProgressTest, WithoutATotalThereIsOnlyCountAndRate) {
  Progress progress("import", 0, output(true));
  now_ += 2;
  progress.advance(50'000);
  EXPECT_EQ(shown_, "\r\x1b[Kimport: 50000, 25k/s");
}

TEST_F(ProgressTest, WorkThatBreaksOffLeavesItsLine) {
  {
    Progress progress("scan", 10, output(true));
    now_ += 1;
    progress.advance(3);
  }
  EXPECT_EQ(shown_.back(), '\n');
  EXPECT_THAT(shown_, HasSubstr("3/10"));
}

}  // namespace
}  // namespace zhiyin
