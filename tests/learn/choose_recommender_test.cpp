// Who recommends in a home: what the data choose, what they cannot choose, and what is asked for.
#include "learn/choose_recommender.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Values of so many users: `mean`, and `spread` more or less by turns.
std::vector<double> found(std::size_t users, double mean, double spread = 0) {
  std::vector<double> quality(users, mean);
  for (std::size_t u = 0; u < users; ++u) quality[u] += u % 2 == 0 ? spread : -spread;
  return quality;
}

TEST(ChooseRecommender, TheBestIsTakenWhereItIsClearlyBetter) {
  const auto choice = pick_recommender(std::vector<Contender>{{"itemknn", found(200, 0.2)}, {"ials", found(200, 0.3)}},
                                       "the last events of 200 users");
  EXPECT_EQ(choice.model, "ials");
  EXPECT_EQ(choice.reason,
            "ials: ndcg@20 0.300 against itemknn 0.200 (paired +0.100 [0.100, 0.100]) on the last events of 200 users");
}

TEST(ChooseRecommender, TheSimplestOfThoseThatCannotBeToldApartIsTaken) {
  const auto choice = pick_recommender(
      std::vector<Contender>{{"itemknn", found(200, 0.1)}, {"ease", found(200, 0.299, 0.1)}, {"ials", found(200, 0.3)}},
      "all");
  EXPECT_EQ(choice.model, "ease");
  EXPECT_THAT(choice.reason, HasSubstr("ease: ndcg@20 0.299, simpler than ials and not told from its 0.300"));
}

TEST(ChooseRecommender, ModelsOfContentAloneAndChanceDoNotCompeteAndPopComesLast) {
  const std::vector<std::string> trained = {"pop", "content_blend", "random", "ials", "itemknn"};
  EXPECT_THAT(contending(trained), ElementsAre("itemknn", "ials", "pop"));
}

// Two tastes; each goes through its items in a circle.
void circles(World& world, unsigned users) {
  std::string items;
  for (int k = 0; k < 60; ++k) items += fmt::format("item{0} Title {0} |\n", k);
  world.items(items);
  Random random(3);
  std::string events;
  for (unsigned user = 0; user < users; ++user) {
    const auto start = random.below(30);
    for (unsigned k = 0; k < 8; ++k)
      events += fmt::format("u{} like item{}\n", user, 2 * ((start + k) % 30) + user % 2);
  }
  world.events(events);
}

TEST(ChooseRecommender, AHomeTakesWhatFindsItsHeldBackEventsAndRemembersWhy) {
  World world;
  circles(world, 90);
  world.train({"pop", "itemknn", "ials"});
  const auto snapshot = load_current_snapshot(world.folder.path()).value();
  EXPECT_NE(snapshot->recommender, "pop");
  EXPECT_THAT(snapshot->recommender_reason, HasSubstr(snapshot->recommender + ": ndcg@20 0."));
  EXPECT_THAT(snapshot->recommender_reason, HasSubstr("on the last events of 90 users"));
}

TEST(ChooseRecommender, ASmallHomeTakesTheFirstInOrderAndSaysSo) {
  World world;
  circles(world, 10);
  world.train({"pop", "itemknn", "ials"});
  const auto snapshot = load_current_snapshot(world.folder.path()).value();
  EXPECT_EQ(snapshot->recommender, "ials");
  EXPECT_EQ(snapshot->recommender_reason,
            "ials: first in order; 10 users have events to hold back, 50 are needed to compare");
}

TEST(ChooseRecommender, WhatIsAskedForIsTakenAndWhatIsNotThereIsNamed) {
  World world;
  circles(world, 90);
  const auto asked = train(world.folder.path(), *world.store, *world.log, world.clock,
                           {.models = {"pop", "ials"}, .recommender = "pop"});
  ASSERT_TRUE(asked.ok()) << asked.error().message;
  EXPECT_EQ(asked->recommender, "pop");
  EXPECT_EQ(asked->recommender_reason, "pop: as was asked");
  const auto missing = train(world.folder.path(), *world.store, *world.log, world.clock,
                             {.models = {"pop", "ials"}, .recommender = "ease"});
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message,
              HasSubstr("ease is to recommend and is not among the models to train: pop, ials"));
}

TEST(ChooseRecommender, ALargeHomeIsComparedOnSomeOfItsUsers) {
  Random random(5);
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < 400; ++user) {
    for (int k = 0; k < 10; ++k) cells.push_back({user, 2 * random.below(40) + user % 2});
  }
  const auto all = Interactions::from(cells, 400, 80);
  const std::vector<std::string> names = {"itemknn", "pop"};
  const auto choice = choose_recommender(names, {all}, {.most_events = 1000});
  ASSERT_TRUE(choice.ok()) << choice.error().message;
  EXPECT_EQ(choice->model, "itemknn");
  // No times: a tenth at random. A hundred users and a few have a thousand events.
  EXPECT_THAT(choice->reason, testing::ContainsRegex("on a tenth of the events of (6|7|8)[0-9] users"));
}

}  // namespace
}  // namespace zhiyin
