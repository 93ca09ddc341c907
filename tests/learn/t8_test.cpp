// T8 on a small stream: what is learned at once helps those who come for the first time.
#include "learn/eval/t8.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/file.h"
#include "base/random.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

// Sixty users of two tastes, one after the other, a day each: twelve films of their own twenty.
std::string one_a_day() {
  constexpr int kDay = 86'400;
  std::string lines;
  Random random(1);
  for (int user = 0; user < 60; ++user) {
    const auto first = static_cast<int>(random.below(20));
    const auto step = 2 * static_cast<int>(random.below(2)) + 1;  // no film twice
    for (int n = 0; n < 12; ++n) {
      lines += fmt::format("{}\t{}\t4\t{}\n", user, 100 * (user % 2) + (first + step * n) % 20,
                           kDay * (100 + user) + 600 * n);
    }
  }
  return lines;
}

TEST(T8, WhoComesForTheFirstTimeIsUnderstoodOnlyByWhatLearnsAtOnce) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomic(folder / "u.data", one_a_day()).ok());
  const auto table = evaluate_t8({.data = folder.path()});
  ASSERT_TRUE(table.ok()) << table.error().message;
  std::map<std::string, double> results(table->results.begin(), table->results.end());
  EXPECT_GT(results["prequential.event"], results["prequential.hourly"]);
  EXPECT_GE(results["prequential.hourly"], results["prequential.daily"]);
  EXPECT_GT(results["prequential.fold_in"], results["prequential.never"]);
  EXPECT_EQ(results["events"], 144);
  EXPECT_EQ(results["new_users"], 12);
  EXPECT_EQ(results["refreshes.never"], 1);
  EXPECT_EQ(results["refreshes.daily"], 12);
  EXPECT_EQ(table->rows.size(), 12U);
}

TEST(T8, AStreamWithNothingToAskSaysSo) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomic(folder / "u.data", "1\t1\t5\t100\n").ok());
  const auto table = evaluate_t8({.data = folder.path()});
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message, testing::HasSubstr("too few"));
}

}  // namespace
}  // namespace zhiyin
