// `zhiyin tune`, and `zhiyin train --tuned` after it.
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

TEST(TuneVerb, TunesOnTheHomesOwnBehaviourAndTrainTakesTheBest) {
  const TemporaryFolder folder;
  std::string text;
  Random random(4);
  for (int user = 0; user < 30; ++user) {
    for (int item = 0; item < 20; ++item) {
      if (random.uniform() < (user % 2 == item % 2 ? 0.6F : 0.1F)) text += fmt::format("u{}\ti{}\n", user, item);
    }
  }
  ASSERT_TRUE(write_file_atomic(folder / "pairs.tsv", text).ok());
  const auto home = (folder / "home").string();
  ASSERT_EQ(run_program({"--home", home, "-q", "import", "pairs", (folder / "pairs.tsv").string()}).exit_code, 0);

  const std::vector<std::string> tune = {"--home", home, "-q", "--json", "tune", "itemknn", "--budget", "0.02"};
  const auto first = run_program(tune);
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  const auto found = Json::parse(first.output).value();
  EXPECT_EQ(found["earlier"].as_integer(), 0);
  EXPECT_GT(found["trials"].as_integer(), 1);
  EXPECT_GE(found["value"].as_number(), found["defaults"].as_number());
  const auto second = Json::parse(run_program(tune).output).value();
  EXPECT_GE(second["earlier"].as_integer(), found["trials"].as_integer());
  EXPECT_GE(second["value"].as_number(), found["value"].as_number());

  const auto train = run_program({"--home", home, "--json", "train", "itemknn", "--tuned"});
  ASSERT_EQ(train.exit_code, 0) << train.errors;
  EXPECT_THAT(train.errors, HasSubstr("best.json"));
}

TEST(TuneVerb, AnUnknownModelIsNamed) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomic(folder / "pairs.tsv", "a\tx\na\ty\n").ok());
  const auto run =
      run_program({"--home", folder.path().string(), "tune", "easy", "--train", (folder / "pairs.tsv").string()});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("did you mean ease"));
}

}  // namespace
}  // namespace zhiyin
