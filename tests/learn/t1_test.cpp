#include "learn/eval/t1.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "base/build.h"
#include "base/file.h"
#include "base/random.h"
#include "learn/eval/t1_split.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

// Thirty users in two tastes, each with eight films of their own taste and one poorly rated film of the other.
std::string two_tastes() {
  std::string lines;
  Random random(1);
  for (int user = 1; user <= 30; ++user) {
    const int taste = user % 2;
    for (int n = 0; n < 8; ++n) {
      lines += fmt::format("{}\t{}\t{}\t{}\n", user, 100 * taste + static_cast<int>(random.below(20)), 4 + n % 2,
                           1000 * user + n);
    }
    lines += fmt::format("{}\t{}\t1\t{}\n", user, 100 * (1 - taste), 1000 * user + 99);
  }
  return lines;
}

class T1OnTwoTastes : public testing::Test {
 protected:
  T1OnTwoTastes() { EXPECT_TRUE(write_file_atomic(folder_ / "u.data", two_tastes()).ok()); }
  T1Options options() const {
    return {.data = folder_.path(), .models = {"random", "pop", "ease", "ials"}, .split_folder = folder_ / "splits"};
  }
  TemporaryFolder folder_;
};

TEST_F(T1OnTwoTastes, NoAskedItemIsShownAndEveryUserIsHeldOutOnce) {
  const auto data = load_t1(folder_.path()).value();
  std::set<UserIndex> users;
  for (const auto& fold : split_t1(data, 42)) {
    for (const auto& held : fold) {
      EXPECT_TRUE(users.insert(held.user).second);
      EXPECT_EQ(held.asked.size(), data.rows[held.user].size() / 5);
      EXPECT_EQ(held.asked.size() + held.shown.size(), data.rows[held.user].size());
      const auto shown = items_of(held.shown);
      for (const auto& event : held.asked) EXPECT_FALSE(std::ranges::binary_search(shown, event.item));
    }
  }
  EXPECT_EQ(users.size(), data.rows.size());
}

TEST_F(T1OnTwoTastes, ItsTableHasMainAndFoldsWithIntervalsAndDifferences) {
  const auto table = evaluate_t1(options());
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table->rows.size(), 4U * 6);
  const auto& pop = table->rows[1];
  double mean = 0;
  for (const auto& row : table->rows) {
    EXPECT_EQ(row.split_sha256.size(), 64U);
    if (row.model == "pop" && row.block != "main") mean += row.metrics[0].second / 5;
  }
  EXPECT_EQ(pop.block, "main");
  EXPECT_NEAR(pop.metrics[0].second, mean, 1e-12);
  EXPECT_LE(pop.ci95[0].second.low, mean);
  EXPECT_GE(pop.ci95[0].second.high, mean);
  const std::map<std::string, double> results(table->results.begin(), table->results.end());
  EXPECT_LT(results.at("difference.random-ials.ndcg@100"), 0);
  EXPECT_LE(results.at("difference.random-ials.ndcg@100.p"), 1);
  EXPECT_THAT(to_text(*table), HasSubstr("min_recall@20"));
  EXPECT_EQ(to_json(*table)["rows"].elements().size(), table->rows.size());
}

TEST_F(T1OnTwoTastes, SeveralSeedsGetABlockEach) {
  auto two = options();
  two.seeds = {1, 2};
  two.models = {"pop", "ease"};
  const auto table = evaluate_t1(two).value();
  std::vector<std::string> blocks;
  for (const auto& row : table.rows) blocks.push_back(row.block);
  EXPECT_THAT(blocks, testing::ElementsAre("main", "main", "seed-1", "seed-1", "seed-2", "seed-2"));
  EXPECT_NE(table.rows[2].split_sha256, table.rows[4].split_sha256);
}

TEST_F(T1OnTwoTastes, ASplitThatWasChangedIsRefused) {
  const auto first = evaluate_t1(options()).value();
  EXPECT_EQ(evaluate_t1(options()).value().rows[0].split_sha256, first.rows[0].split_sha256);
  const auto kept = std::filesystem::directory_iterator(folder_ / "splits")->path();
  ASSERT_TRUE(write_file_atomic(kept, read_file(kept).value() + "4\t1\t2\tasked\n").ok());
  EXPECT_THAT(evaluate_t1(options()).error().message, HasSubstr("was changed"));
}

TEST_F(T1OnTwoTastes, UnknownModelsAndSettingsAreRefusedBeforeAnyWork) {
  auto wrong = options();
  wrong.models = {"pop", "iasl"};
  EXPECT_THAT(evaluate_t1(wrong).error().message, HasSubstr("ials"));
  wrong = options();
  wrong.params["ease"]["lamda"] = 3;
  EXPECT_THAT(evaluate_t1(wrong).error().message, HasSubstr("lambda"));
  wrong = options();
  wrong.params["itemknn"]["shrink"] = 3;
  EXPECT_THAT(evaluate_t1(wrong).error().message, HasSubstr("not among the models"));
  wrong = options();
  wrong.params["ials"]["factors"] = 8;
  wrong.params["ialz"]["factors"] = 8;
  EXPECT_THAT(evaluate_t1(wrong).error().message, HasSubstr("did you mean ials?"));
}

TEST(T1OnMovieLens, KeepsItsSplitAndItsFloors) {
  const char* shared = std::getenv("ZHIYIN_SHARED_DATA");
  const auto root = shared != nullptr ? std::filesystem::path(shared) : source_dir() / ".." / "shared" / "data";
  if (!std::filesystem::exists(root / "interactions/ml-100k"))
    GTEST_SKIP() << "no MovieLens 100K here: set ZHIYIN_SHARED_DATA";
  const auto table = evaluate_t1({.data = root, .models = {"pop", "itemknn", "ease", "ials"}, .threads = 2});
  ASSERT_TRUE(table.ok()) << table.error().message;
  const std::map<std::string, double> results(table->results.begin(), table->results.end());
  EXPECT_EQ(results.at("users"), 938);
  EXPECT_EQ(results.at("items"), 1447);
  EXPECT_EQ(results.at("interactions"), 55361);
  EXPECT_EQ(table->rows[0].split_sha256.substr(0, 8), "631c2463");
  const auto metric = [&](std::size_t row, const char* key) {
    return std::ranges::find(table->rows[row].metrics, key, &std::pair<std::string, double>::first)->second;
  };
  EXPECT_LT(metric(0, "ndcg@100"), 0.28);
  EXPECT_GE(metric(1, "min_recall@20"), 0.355);
  EXPECT_GE(metric(2, "min_recall@20"), 0.390);
  EXPECT_GE(metric(2, "ndcg@100"), 0.438);
  EXPECT_GE(metric(3, "min_recall@20"), 0.400);
  EXPECT_GE(metric(3, "ndcg@100"), 0.445);
}

}  // namespace
}  // namespace zhiyin
