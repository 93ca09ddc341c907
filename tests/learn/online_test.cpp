// What is learned between trainings, from the log to the next answer.
#include "learn/online.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/world.h"

namespace zhiyin {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Two camps of ten users; each likes four items of its own.
void two_camps(World& world) {
  std::string items;
  std::string events;
  for (int item = 0; item < 6; ++item) items += fmt::format("rock{0} Rock {0}\njazz{0} Jazz {0}\n", item);
  for (int user = 0; user < 10; ++user) {
    for (int item = 0; item < 4; ++item) {
      events += fmt::format("r{} like rock{}\n", user, (user + item) % 5);
      events += fmt::format("j{} like jazz{}\n", user, (user + item) % 5);
    }
  }
  world.items(items);
  world.events(events);
  world.train({"pop", "ials"});
}

std::shared_ptr<const Snapshot> current(const World& world) {
  return load_current_snapshot(world.folder.path()).value();
}

TEST(Online, AnItemThatCameAfterTheTrainingIsRecommendedOnceSomeLikeIt) {
  World world;
  two_camps(world);
  world.items("newrock The newest rock");
  OnlineLearner learner(current(world), {});
  world.live.lay(learner.step(*world.log).value());
  EXPECT_EQ(world.live.overlay(), nullptr);  // nothing came yet

  world.events("r0 like newrock\nr1 like newrock\nr2 like newrock\nr3 like newrock");
  std::vector<std::unique_ptr<Source>> sources;
  sources.push_back(make_collaborative_source());
  const Recommender only([&] { return world.view; }, world.live, std::move(sources), {.collaborative_quota = 1});
  const auto slate = [&](const char* user) { return only.recommend({UserId(user), 5}).value().items; };
  const auto place = [](const std::vector<Recommended>& items) {
    return std::ranges::find(items, ItemId("newrock"), &Recommended::item) - items.begin();
  };
  EXPECT_EQ(place(slate("r7")), std::ssize(slate("r7")));
  world.live.lay(learner.step(*world.log).value());
  ASSERT_NE(world.live.overlay(), nullptr);
  EXPECT_EQ(world.live.overlay()->offset, world.log->last_offset().value());
  const auto rock = slate("r7");
  ASSERT_LT(place(rock), 2);
  EXPECT_FALSE(rock[static_cast<std::size_t>(place(rock))].because.empty());
  EXPECT_GE(place(slate("j7")), 1);  // not the first for who likes jazz

  // Whoever likes it is understood by it.
  world.events("ann like newrock");
  EXPECT_THAT(world.recommend("ann", 2), testing::Each(HasSubstr("rock")));
}

TEST(Online, ARestartLearnsTheSame) {
  World world;
  two_camps(world);
  world.events("ann like rock0\nann like rock1\nr1 like rock5\nr2 like rock5\nr2 dislike rock0");
  OnlineLearner one(current(world), {});
  OnlineLearner two(current(world), {});
  const auto a = one.step(*world.log).value();
  const auto b = two.step(*world.log).value();
  std::vector<float> scores_a(a->model->items());
  std::vector<float> scores_b(b->model->items());
  const History who{{0, 2}, {1, 1}, {}};
  a->model->score(who, scores_a);
  b->model->score(who, scores_b);
  EXPECT_EQ(scores_a, scores_b);
  EXPECT_EQ(a->changed, b->changed);
  EXPECT_EQ(a->changed.size(), 3U);  // rock0, rock1, rock5
}

TEST(Online, AnOverlayOfAnotherSnapshotIsNotServed) {
  World world;
  two_camps(world);
  world.events("r0 like rock5\nr1 like rock5");
  OnlineLearner learner(current(world), {});
  world.live.lay(learner.step(*world.log).value());
  world.items("more More");
  world.train({"pop", "ials"});  // rows are not what they were
  EXPECT_NE(world.live.overlay()->base->id, world.view->snapshot()->id);
  EXPECT_FALSE(world.slate("r7", 3).items.empty());
  EXPECT_TRUE(world.slate("r7", 3).degraded.empty());
}

TEST(Online, AModelThatCannotLearnSaysWhyOnce) {
  World world;
  two_camps(world);
  world.train({"ease"});
  world.events("r0 like rock5");
  OnlineLearner learner(current(world), {});
  for (int again = 0; again < 2; ++again) {
    const auto step = learner.step(*world.log);
    ASSERT_FALSE(step.ok());
    EXPECT_EQ(step.error().code, ErrorCode::kConflict);
    EXPECT_THAT(step.error().message, HasSubstr("ease"));
  }
}

TEST(Online, WithMoreToRememberThanAllowedItLearnsNothingRatherThanAPart) {
  World world;
  two_camps(world);
  world.events("r0 like rock5");
  OnlineLearner learner(current(world), {.most_pairs = 20});
  const auto step = learner.step(*world.log);
  ASSERT_FALSE(step.ok());
  EXPECT_THAT(step.error().message, HasSubstr("online.most_pairs"));
}

TEST(Positives, ThereAndBackIsNoChange) {
  Positives positives;
  positives.tell(0, 1, 1, 10);
  positives.tell(1, 1, 1, 11);
  positives.settle();
  positives.tell(0, 1, -1, 20);
  positives.tell(0, 1, 1, 30);
  positives.tell(1, 1, -1, 5);  // late: something newer has been said
  const auto changes = positives.take(3);
  EXPECT_TRUE(changes.added.empty());
  EXPECT_TRUE(changes.removed.empty());
}

TEST(Positives, WhoIsConcernedComesWithTheWholeRow) {
  Positives positives;
  for (const ItemIndex item : {0U, 1U, 2U}) positives.tell(0, item, 1, item);
  positives.tell(1, 2, 1, 5);
  positives.tell(2, 0, 1, 6);  // touches nothing that changes
  positives.settle();
  positives.tell(3, 2, 1, 7);
  positives.tell(1, 2, -1, 8);
  const auto changes = positives.take(4);
  EXPECT_EQ(changes.interactions.users(), 3U);  // 0, 1 and 3
  EXPECT_EQ(changes.interactions.items(), 4U);
  EXPECT_EQ(changes.interactions.row(0).size(), 3U);
  ASSERT_EQ(changes.added.size(), 1U);
  EXPECT_EQ(changes.added[0].user, 2U);
  ASSERT_EQ(changes.removed.size(), 1U);
  EXPECT_EQ(changes.removed[0].time, 5);
  EXPECT_FALSE(positives.changed());
}

}  // namespace
}  // namespace zhiyin
