// The table `cold` on worlds whose answers are known, and its parts.
#include "learn/eval/cold.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "learn/eval/cold_parts.h"
#include "learn/filling.h"
#include "match/worlds.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

double metric(const Table& table, std::string_view block, std::string_view model, std::string_view key) {
  for (const auto& row : table.rows) {
    if (row.block != block || row.model != model) continue;
    for (const auto& [name, value] : row.metrics) {
      if (name == key) return value;
    }
  }
  ADD_FAILURE() << block << " has no " << key << " of " << model;
  return 0;
}

double result(const Table& table, std::string_view name) {
  for (const auto& [key, value] : table.results) {
    if (key == name) return value;
  }
  ADD_FAILURE() << "no result " << name;
  return 0;
}

// Fifty users like all of thirty films, thirty users all of thirty others. Without a past all are shown the films of
// the many: right for 50 of 80. One event tells who is who.
TEST(Cold, TwoTastesAreToldApartByOneEvent) {
  const TemporaryFolder folder;
  std::string ratings;
  for (int user = 0; user < 80; ++user) {
    for (int n = 0; n < 30; ++n) ratings += fmt::format("{}\t{}\t5\t{}\n", user, n + (user < 50 ? 0 : 100), 100 + n);
  }
  ASSERT_TRUE(write_file_atomic(folder / "u.data", ratings).ok());
  const auto table = evaluate_cold({.data = folder.path()});
  ASSERT_TRUE(table.ok()) << table.error().message;
  for (const auto* model : {"pop", "userknn", "itemknn", "ease", "ials", "ials_filled", "spectral"}) {
    EXPECT_DOUBLE_EQ(metric(*table, "ml-100k_events-0", model, "recall@20"), 50.0 / 80) << model;
    EXPECT_DOUBLE_EQ(metric(*table, "ml-100k_events-0", model, "ndcg@20"), 50.0 / 80) << model;
  }
  EXPECT_DOUBLE_EQ(metric(*table, "ml-100k_events-all", "pop", "recall@20"), 50.0 / 80);
  for (const auto* block : {"ml-100k_events-1", "ml-100k_events-10", "ml-100k_events-all"}) {
    for (const auto* model : {"userknn", "itemknn", "ials_filled"})
      EXPECT_DOUBLE_EQ(metric(*table, block, model, "ndcg@20"), 1) << block << " " << model;
  }
  // Everybody is asked for six of thirty; every film has at least eleven viewers left.
  EXPECT_EQ(result(*table, "ml-100k_items-0.items"), 0);
  EXPECT_EQ(result(*table, "ml-100k_items-11+.items"), 60);
  EXPECT_EQ(result(*table, "ml-100k_items-11+.events"), 480);
  EXPECT_EQ(std::ranges::count(table->rows, "ml-100k_items-0", &Row::block), 0);
  EXPECT_DOUBLE_EQ(metric(*table, "ml-100k_items-11+", "itemknn", "recall@20_of_all"), 1);
  EXPECT_DOUBLE_EQ(metric(*table, "ml-100k_items-all", "pop", "recall@20"), 50.0 / 80);
}

TEST(Cold, NamesTheSetsThatItLooksFor) {
  const TemporaryFolder folder;
  const auto table = evaluate_cold({.data = folder.path()});
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message, HasSubstr("user_artists.dat"));
}

TEST(ColdItems, AreSlicedByTheirEvents) {
  const std::vector<std::uint32_t> counts = {0, 1, 2, 3, 5, 6, 10, 11, 500, 0};
  const auto slices = item_slices(counts);
  ASSERT_EQ(slices.size(), 6U);
  EXPECT_THAT(slices[0].items, ElementsAre(0, 9));
  EXPECT_THAT(slices[1].items, ElementsAre(1, 2));
  EXPECT_THAT(slices[2].items, ElementsAre(3, 4));
  EXPECT_THAT(slices[3].items, ElementsAre(5, 6));
  EXPECT_THAT(slices[4].items, ElementsAre(7, 8));
  EXPECT_EQ(slices[5].items.size(), counts.size());
}

TEST(ColdItems, OfASliceOnlyItsOwnItemsAreAskedFor) {
  const ItemSlice slice{"some", {2, 5, 7}};
  const std::vector<RankingCase> cases = {{history({1}), {1, 5}, {2, 3, 7}}, {history({2}), {2}, {0, 1}}};
  const auto found = cases_of_slice(cases, slice);
  EXPECT_THAT(found.which, ElementsAre(0));
  EXPECT_THAT(found.of_all[0].relevant, ElementsAre(2, 7));
  EXPECT_THAT(found.of_all[0].masked, ElementsAre(1, 5));
  EXPECT_THAT(found.within[0].relevant, ElementsAre(0, 2));
  EXPECT_THAT(found.within[0].masked, ElementsAre(1));
  EXPECT_DOUBLE_EQ(coverage_of_slice({{5, 1, 2}, {5, 0}}, 2, slice), 1.0 / 3);
  EXPECT_DOUBLE_EQ(coverage_of_slice({{5, 1, 2}, {5, 0}}, 3, slice), 2.0 / 3);
}

// Two groups of things; users 5 and 6 have met one thing of each.
class Filling : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(sure_->train({known_}, {}).ok()); }
  const Interactions known_ = world("0 1 2\n0 1 2\n0 1 2\n3 4 5\n3 4 5\n0\n3\n", 6);
  const std::unique_ptr<Model> sure_ = make_model("itemknn", {}).value();
  const FillingOptions options_{.below = 3, .added = 5, .sure = 1, .weight = 0.2F};
};

TEST_F(Filling, AShortHistoryGetsWhatTheModelIsSureOf) {
  const auto longer = filled(history({0}), *sure_, options_);
  EXPECT_THAT(longer.items, ElementsAre(0, 1, 2));
  EXPECT_THAT(longer.weights, ElementsAre(1, 0.2F, 0.2F));
  EXPECT_THAT(filled(history({0}), *sure_, {.below = 3, .sure = 2}).items, ElementsAre(0));
  EXPECT_THAT(filled(history({0, 1, 3}), *sure_, options_).items, ElementsAre(0, 1, 3));
}

TEST_F(Filling, RowsOfUsersKeepWhatHappenedAtItsWeight) {
  for (const int threads : {1, 2}) {
    const auto more = fill_users(known_, *sure_, options_, threads);
    EXPECT_EQ(more.size(), known_.size() + 4);
    EXPECT_THAT(more.row(5), ElementsAre(0, 1, 2));
    EXPECT_THAT(more.weights(5), ElementsAre(1, 0.2F, 0.2F));
    EXPECT_THAT(more.row(6), ElementsAre(3, 4, 5));
  }
}

TEST_F(Filling, OfItemsOnlyThoseOfFewEventsAreFilled) {
  for (const int threads : {1, 2}) {
    const auto more = fill_items(known_, *sure_, options_, threads);  // 4 and 5 have two users each
    EXPECT_EQ(more.size(), known_.size() + 2);
    EXPECT_THAT(more.row(6), ElementsAre(3, 4, 5));
    EXPECT_THAT(more.weights(6), ElementsAre(1, 0.2F, 0.2F));
  }
}

// Women like the even half of the items, men the odd one; the last two users have done nothing.
TEST(ColdFm, KnowsByASideWhatAUserWithoutAPastLikes) {
  Random random(5);
  std::vector<UserRow> rows(102);
  SideInformation side;
  for (UserIndex user = 0; user < rows.size(); ++user) {
    side.users.push_back({user % 2 == 0 ? "sex F" : "sex M"});
    for (ItemIndex item = user % 2; item < 20 && user < 100; item += 2) {
      if (random.uniform() < 0.7F) rows[user].push_back({user, item});
    }
  }
  const auto fm = FmRecommender::train(rows, 20, side, 42);
  ASSERT_TRUE(fm.ok()) << fm.error().message;
  for (const UserIndex user : {100U, 101U}) {
    std::vector<float> scores(20);
    fm->score(user, {}, scores);
    double own = 0;
    double other = 0;
    for (ItemIndex item = 0; item < 20; ++item) (item % 2 == user % 2 ? own : other) += scores[item];
    EXPECT_GT(own, 2 * other) << user;
  }
}

}  // namespace
}  // namespace zhiyin
