#include "learn/eval/split.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Split : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(write_file_atomic(folder_ / name, text).ok());
  }

  // A world of two tastes. Cat people know all cats but one, and are asked for it.
  void write_cats_and_dogs() {
    std::string train;
    std::string test;
    for (int user = 0; user < 16; ++user) {
      const auto* kind = user % 2 == 0 ? "cat" : "dog";
      for (int n = 0; n < 6; ++n) {
        (n == user / 2 % 6 ? test : train) += fmt::format("u{}\t{}{}\n", user, kind, n);
      }
    }
    write("train.tsv", train);
    write("test.tsv", test);
  }
  SplitOptions options(std::vector<std::string> models) const {
    return {.train = folder_ / "train.tsv",
            .test = folder_ / "test.tsv",
            .models = std::move(models),
            .budget_minutes = 0.02};
  }
  TemporaryFolder folder_;
};

double metric(const Row& row, std::string_view key) {
  return std::ranges::find(row.metrics, key, &std::pair<std::string, double>::first)->second;
}

TEST_F(Split, TasteIsFoundByModelsThatLearnIt) {
  write_cats_and_dogs();
  auto asked = options({"random", "ease"});
  asked.metrics = parse_metric_keys("hr@1,ndcg@10,recall@10").value();
  const auto table = evaluate_split(asked);
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table->rows.size(), 2U);
  EXPECT_EQ(metric(table->rows[1], "hr@1"), 1);
  EXPECT_LT(metric(table->rows[0], "hr@1"), 1);
  EXPECT_EQ(table->rows[1].block, "main");
}

TEST_F(Split, ValidationIsTheLastEventWhereEveryTestUserHasOneItem) {
  write("train.tsv", "a\tx\na\ty\na\tz\nb\tx\n");
  write("test.tsv", "a\tw\n");
  const auto data = load_split(options({"pop"})).value();
  ASSERT_EQ(data.held_out.valid.size(), 1U);  // b has one event only, and keeps it
  const auto z = *data.ids.items.find("z");
  EXPECT_THAT(data.held_out.valid[0].relevant, ElementsAre(z));
  EXPECT_EQ(data.held_out.valid[0].history.items.size(), 2U);
  EXPECT_EQ(data.held_out.tuning_train.size(), 3U);
  EXPECT_EQ(data.held_out.train.size(), 4U);
  EXPECT_EQ(data.held_out.test[0].history.items.size(), 3U);
}

TEST_F(Split, ElseValidationIsATenthOfTrainAndNeverTest) {
  std::string train;
  for (int user = 0; user < 50; ++user) {
    for (int item = 0; item < 20; ++item) train += fmt::format("{}\t{}\n", user, item);
  }
  write("train.tsv", train);
  write("test.tsv", "0\t30\n0\t31\n");
  const auto data = load_split(options({"pop"})).value();
  EXPECT_NEAR(static_cast<double>(data.held_out.train.size() - data.held_out.tuning_train.size()), 100, 30);
  for (const auto& one : data.held_out.valid) {
    for (const auto item : one.relevant) EXPECT_LT(item, 20U);
  }
  EXPECT_EQ(load_split(options({"pop"})).value().held_out.sha256, data.held_out.sha256);
}

TEST_F(Split, GivenValidationIsMaskedInTestAndNotPartOfHistory) {
  write("train.tsv", "a\tx\nb\ty\n");
  write("valid.tsv", "a\ty\n");
  write("test.tsv", "a\tz\n");
  auto given = options({"pop"});
  given.valid = folder_ / "valid.tsv";
  const auto data = load_split(given).value();
  EXPECT_THAT(data.held_out.test[0].masked, ElementsAre(0, 1));
  EXPECT_THAT(data.held_out.test[0].history.items, ElementsAre(0));
  EXPECT_EQ(data.held_out.tuning_train.size(), data.held_out.train.size());
}

TEST_F(Split, SettingsThatAreGivenAreNotTuned) {
  write_cats_and_dogs();
  auto fixed = options({"ease"});
  fixed.params["ease"]["lambda"] = 77;
  const auto table = evaluate_split(fixed).value();
  EXPECT_EQ(table.rows[0].params.at("lambda"), 77);
  EXPECT_TRUE(std::ranges::none_of(table.results, [](const auto& result) { return result.first == "trials.ease"; }));
}

TEST_F(Split, FeaturesFollowTheirItemListAndUnknownItemsAreZeros) {
  write("train.tsv", "a\tx\na\ty\n");
  write("test.tsv", "a\tz\n");
  write("items.txt", "y\nother\nx\n");
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";
  header.resize(117, ' ');
  std::string npy("\x93NUMPY\x01\x00\x76\x00", 10);
  const float rows[] = {1, 0, 2, 2, 0, 1};
  npy += header + "\n" + std::string(reinterpret_cast<const char*>(rows), sizeof rows);
  write("f.npy", npy);
  const auto given = options({"content_knn"});
  auto with = given;
  with.features = {parse_feature_file("f=" + (folder_ / "f.npy").string()).value()};
  const auto data = load_split(with);
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(data->held_out.features.dim, 2U);
  EXPECT_NEAR(data->held_out.features.rows[2], 0, 1e-6);  // y: (1, 0) less the mean (1, 1)
  EXPECT_NEAR(data->held_out.features.rows[3], -1, 1e-6);
  EXPECT_EQ(data->held_out.features.rows[4], 0);  // z has no row
  write("items.txt", "y\nx\n");
  EXPECT_THAT(load_split(with).error().message, HasSubstr("3 rows"));
  EXPECT_FALSE(parse_feature_file("f.npy").ok());
}

TEST_F(Split, BadLinesAndUnknownModelsAreNamed) {
  write("train.tsv", "a\tx\nbroken\n");
  write("test.tsv", "a\ty\n");
  EXPECT_THAT(evaluate_split(options({"pop"})).error().message, HasSubstr("train.tsv:2"));
  EXPECT_THAT(evaluate_split(options({"popp"})).error().message, HasSubstr("did you mean pop"));
}

}  // namespace
}  // namespace zhiyin
