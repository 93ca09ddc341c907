// `zhiyin train` says who recommends and why, and `zhiyin inspect model` says it again.
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

TEST(TrainVerb, SaysWhoRecommendsAndWhy) {
  const TemporaryFolder folder;
  std::string text;
  Random random(4);
  for (int user = 0; user < 70; ++user) {
    for (int item = 0; item < 40; ++item) {
      if (random.uniform() < (user % 2 == item % 2 ? 0.4F : 0.05F)) text += fmt::format("u{}\ti{}\n", user, item);
    }
  }
  ASSERT_TRUE(write_file_atomic(folder / "pairs.tsv", text).ok());
  const auto home = (folder / "home").string();
  ASSERT_EQ(run_program({"--home", home, "-q", "import", "pairs", (folder / "pairs.tsv").string()}).exit_code, 0);

  const auto train = run_program({"--home", home, "-q", "--json", "train", "pop", "itemknn", "ials"});
  ASSERT_EQ(train.exit_code, 0) << train.errors;
  const auto trained = Json::parse(train.output).value();
  EXPECT_THAT(trained["recommender_reason"].as_string(), HasSubstr("ndcg@20"));
  const auto inspect = run_program({"--home", home, "--json", "inspect", "model"});
  ASSERT_EQ(inspect.exit_code, 0) << inspect.errors;
  const auto shown = Json::parse(inspect.output).value();
  EXPECT_EQ(shown["recommender"].as_string(), trained["recommender"].as_string());
  EXPECT_EQ(shown["recommender_reason"].as_string(), trained["recommender_reason"].as_string());
  EXPECT_EQ(shown["models"].elements().size(), 3U);

  const auto fixed = run_program({"--home", home, "-q", "train", "pop", "ials", "--recommender", "pop"});
  EXPECT_THAT(fixed.output, HasSubstr("recommends: pop: as was asked"));
  EXPECT_THAT(run_program({"--home", home, "inspect", "model", "ease"}).errors, HasSubstr("no model called ease"));
  EXPECT_EQ(run_program({"--home", home, "inspect", "item"}).exit_code, 2);
}

}  // namespace
}  // namespace zhiyin
