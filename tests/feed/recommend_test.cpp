#include "feed/recommend/recommend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/world.h"

namespace zhiyin {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const Recommended* find(const Slate& slate, std::string_view id) {
  for (const auto& item : slate.items) {
    if (item.item.value == id) return &item;
  }
  return nullptr;
}

// Two tastes: people who like cats like all cats, people who like news like all news.
void two_tastes(World& world) {
  world.items(R"(
    cat_a   A cat plays with wool     | animals, cats
    cat_b   A cat sleeps in the sun   | animals, cats
    cat_c   A cat and a kitten        | animals, cats
    news_x  The evening news          | politics, world
    news_y  The morning news          | politics, world
    news_z  News of the week          | politics, world)");
  for (const auto* user : {"u1", "u2", "u3", "u4"}) {
    for (const auto* item : {"cat_a", "cat_b", "cat_c"}) world.events(std::string(user) + " like " + item);
  }
  for (const auto* user : {"v1", "v2", "v3", "v4"}) {
    for (const auto* item : {"news_x", "news_y", "news_z"}) world.events(std::string(user) + " like " + item);
  }
}

TEST(Recommend, PeopleWithTheSameTasteLeadTheSlateAndTheReasonNamesWhatWasLiked) {
  World world;
  two_tastes(world);
  world.events("ann like cat_a");
  world.train();
  const auto slate = world.slate("ann", 2);
  ASSERT_EQ(slate.items.size(), 2U);
  EXPECT_THAT(slate.items[0].item.value, HasSubstr("cat"));
  EXPECT_EQ(slate.items[0].source, SourceKind::kCollaborative);
  EXPECT_EQ(slate.items[0].reason, "Because you liked A cat plays with wool");
  ASSERT_EQ(slate.items[0].because.size(), 1U);
  EXPECT_EQ(slate.items[0].because[0].item.value, "cat_a");
}

TEST(Recommend, TheNextAnswerKnowsTheEventWithoutTraining) {
  World world;
  two_tastes(world);
  world.train();
  world.events("ann like cat_a");
  EXPECT_THAT(world.recommend("ann", 1).front(), HasSubstr("cat"));
  world.events("ann like news_x\nann like news_y\nann dislike cat_a");
  EXPECT_EQ(world.recommend("ann", 1).front(), "news_z") << "a change of mind counts at once";
}

TEST(Recommend, WhatWasSeenDoesNotComeBack) {
  World world;
  two_tastes(world);
  world.train();
  world.events("ann like cat_a\nann view cat_b 0.02\nann skip cat_c");
  EXPECT_THAT(world.recommend("ann", 6), Not(Contains("cat_a")));
  EXPECT_THAT(world.recommend("ann", 6), Not(Contains("cat_b")));
  EXPECT_THAT(world.recommend("ann", 6), Not(Contains("cat_c")));
}

TEST(Recommend, AnImpressionIsNotSeen) {
  World world;
  two_tastes(world);
  world.train();
  world.events("ann like cat_a\nann impression cat_b");
  EXPECT_THAT(world.recommend("ann", 6), Contains("cat_b"));
}

TEST(Recommend, AFreshItemLikeWhatTheUserLikedIsOfferedBeforeAnybodySawIt) {
  World world;
  two_tastes(world);
  world.items(
      "cat_new  A cat plays with wool and a ball | animals, cats\n"
      "car_new  Changing a tyre | cars, repair");
  world.events("ann like cat_a");
  world.train();
  const auto slate = world.slate("ann", 8);
  const auto* fresh = find(slate, "cat_new");
  ASSERT_NE(fresh, nullptr);
  EXPECT_TRUE(fresh->reason == "On the same subject as A cat plays with wool" ||
              fresh->reason == "New here, and close to what you like")
      << fresh->reason;
}

TEST(Recommend, AGuestGetsWhatManyLike) {
  World world;
  two_tastes(world);
  world.events("ann like news_x");
  world.train();
  const auto slate = world.slate("guest:1", 3);
  ASSERT_FALSE(slate.items.empty());
  EXPECT_EQ(slate.items[0].item.value, "news_x") << "the most liked";
  EXPECT_EQ(slate.items[0].reason, "Liked by many");
}

TEST(Recommend, ReasonsAreSpokenInChinese) {
  World world;
  two_tastes(world);
  world.events("ann like cat_a");
  world.train();
  EXPECT_EQ(world.slate("ann", 1, Language::kChinese).items.at(0).reason, "因为你喜欢《A cat plays with wool》");
}

TEST(Recommend, AnUnknownUserIsNotFoundAndTheErrorSaysWhatToDo) {
  World world;
  two_tastes(world);
  const auto answer = world.recommender->recommend({UserId("nobody"), 5, {}, Language::kEnglish});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(answer.error().message, HasSubstr("guest"));
}

TEST(Recommend, ExcludedAndHiddenItemsStayOut) {
  World world;
  two_tastes(world);
  Item hidden;
  hidden.id = ItemId("cat_b");
  hidden.title = "hidden";
  hidden.hidden = true;
  ASSERT_TRUE(world.ingest->items({&hidden, 1}).ok());
  world.train();
  world.events("ann like cat_a");
  const auto slate = world.recommender->recommend({UserId("ann"), 6, {ItemId("cat_c")}, Language::kEnglish});
  ASSERT_TRUE(slate.ok());
  EXPECT_EQ(find(*slate, "cat_b"), nullptr);
  EXPECT_EQ(find(*slate, "cat_c"), nullptr);
}

TEST(Recommend, WithoutASnapshotPopularAndFreshItemsServe) {
  World world;
  two_tastes(world);
  EXPECT_EQ(world.recommend("guest:1", 6).size(), 6U);
}

TEST(Recommend, AnEmptyCatalogueGivesAnEmptySlate) {
  World world;
  EXPECT_TRUE(world.recommend("guest:1", 6).empty());
}

class FailingSource final : public Source {
 public:
  [[nodiscard]] SourceKind kind() const override { return SourceKind::kCollaborative; }
  Result<std::vector<Candidate>> candidates(const View&, const UserContext&, std::size_t) const override {
    return internal("broken");
  }
};

TEST(Recommend, ASourceThatFailsCostsItsCandidatesNotThePage) {
  World world;
  two_tastes(world);
  auto sources = Recommender::default_sources(world.live);
  sources[0] = std::make_unique<FailingSource>();
  const Recommender recommender([&] { return world.view; }, world.live, std::move(sources), {});
  const auto slate = recommender.recommend({UserId("guest:1"), 3, {}, Language::kEnglish});
  ASSERT_TRUE(slate.ok());
  EXPECT_EQ(slate->items.size(), 3U);
  EXPECT_THAT(slate->degraded, ElementsAre("collaborative"));
}

}  // namespace
}  // namespace zhiyin
