// `zhiyin compress`, as a user runs it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

TEST(CompressProgram, ShowsWhatEachWayCostsAndPublishesASmallerSnapshot) {
  const TemporaryFolder folder;
  std::string pairs;
  for (int user = 0; user < 40; ++user) {
    for (int k = 0; k < 10; ++k) pairs += fmt::format("u{}\ti{}\n", user, (7 * k + user * (k % 3)) % 90);
  }
  ASSERT_TRUE(write_file_atomic(folder / "pairs.tsv", pairs).ok());
  const auto zhiyin = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--home", (folder / "home").string(), "--json"});
    return run_program(arguments);
  };
  ASSERT_EQ(zhiyin({"import", "pairs", (folder / "pairs.tsv").string()}).exit_code, 0);
  const auto untrained = zhiyin({"compress", "--budget", "50%"});
  EXPECT_EQ(untrained.exit_code, 1);
  EXPECT_THAT(untrained.errors, HasSubstr("zhiyin train"));
  ASSERT_EQ(zhiyin({"train", "ials", "ease"}).exit_code, 0);
  const auto before = zhiyin({"recommend", "--user", "u1", "-n", "3"});
  ASSERT_EQ(before.exit_code, 0) << before.errors;

  const auto dry = zhiyin({"compress", "--budget", "50%", "--dry-run"});
  ASSERT_EQ(dry.exit_code, 0) << dry.errors;
  EXPECT_EQ(Json::parse(dry.output)->operator[]("snapshot").as_string(), "");
  const auto done = zhiyin({"compress", "--budget", "50%"});
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  const auto report = Json::parse(done.output).value();
  EXPECT_LE(report["bytes_after"].as_integer(), report["bytes_before"].as_integer() / 2);
  EXPECT_EQ(read_file(folder / "home" / "snapshots" / "current").value(),
            std::string(report["snapshot"].as_string()) + "\n");
  const auto after = zhiyin({"recommend", "--user", "u1", "-n", "3"});
  EXPECT_EQ(after.exit_code, 0) << after.errors;

  EXPECT_THAT(zhiyin({"compress", "--budget", "tiny"}).errors, HasSubstr("25%"));
}

}  // namespace
}  // namespace zhiyin
