// `zhiyin evaluate` as it is run.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

TEST(Evaluate, AllKeepsTheTablesThatStandAndSaysWhyOthersDoNot) {
  const TemporaryFolder folder;
  std::string ratings;
  Random random(1);
  for (int user = 0; user < 30; ++user) {
    for (int n = 0; n < 15; ++n)
      ratings += fmt::format("{}\t{}\t{}\t{}\n", user, random.below(40), 1 + random.below(5), 100 * user + n);
  }
  ASSERT_TRUE(write_file_atomic(folder / "u.data", ratings).ok());
  const auto run = run_program({"evaluate", "all", "--data", folder.path().string(), "--out",
                                (folder / "results.md").string(), "--json", "--quiet", "--threads", "2"});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const auto json = Json::parse(run.output).value();
  EXPECT_EQ(json["tables"].elements().size(), 7U);  // t1 to t5, t8, cold
  EXPECT_THAT(json["failed"]["t6"].as_string(), HasSubstr(folder.path().string()));
  EXPECT_THAT(json["failed"]["t7"].as_string(), HasSubstr("u.user"));
  EXPECT_TRUE(json["failed"].has("understanding"));
  const auto text = read_file(folder / "results.md").value();
  for (const auto* part : {"commit ", "## t1: ", "## t4: ", "### corrected", "zhiyin evaluate t5", "Not computed: "})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(Evaluate, AnOptionThatATableDoesNotHaveIsRefused) {
  const auto models = run_program({"evaluate", "understanding", "--models", "pop"});
  EXPECT_EQ(models.exit_code, 1);
  EXPECT_THAT(models.errors, HasSubstr("evaluate understanding has no --models"));
  const auto params = run_program({"evaluate", "t6", "--params", "ials:factors=8"});
  EXPECT_EQ(params.exit_code, 1);
  EXPECT_THAT(params.errors, HasSubstr("evaluate t6 has no --params"));
}

TEST(Evaluate, AnUnknownTableIsWrongUseAndTheOnesThereAreNamed) {
  const auto run = run_program({"evaluate", "t99"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.errors + run.output, HasSubstr("understanding"));
}

}  // namespace
}  // namespace zhiyin
