// Trainings that publish only what is not worse, and the way back.
#include "learn/train_checked.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "feed/snapshot/shelf.h"
#include "learn/compress.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

// Forty users in two camps, each with its own forty items: who likes one goes on to the fifth after it, so that others
// of the camp have been there before. Each round is one more item for everybody.
class TwoCamps : public testing::Test {
 protected:
  TwoCamps() {
    std::string items;
    for (int item = 0; item < 40; ++item) items += fmt::format("rock{0} Rock {0}\njazz{0} Jazz {0}\n", item);
    world_.items(items);
    for (int round = 0; round < 3; ++round) another_round();
  }
  void another_round() {
    std::string events;
    for (int user = 0; user < 20; ++user) {
      events += fmt::format("r{} like rock{}\n", user, (user + 5 * round_) % 40);
      events += fmt::format("j{} like jazz{}\n", user, (user + 5 * round_) % 40);
    }
    world_.events(events);
    ++round_;
  }
  Decision train_again(CheckedOptions options = {.train = {.models = {}}}) {
    const auto done = train_checked(world_.folder.path(), *world_.store, *world_.log, world_.clock, options);
    EXPECT_TRUE(done.ok()) << done.error().message;
    return done.ok() ? *done : Decision{};
  }
  std::string current() const { return load_current_snapshot(world_.folder.path()).value()->id; }

  World world_;
  int round_ = 0;
};

TEST_F(TwoCamps, WhatIsNotWorseIsPublishedAndTheReasonKept) {
  world_.train({"pop", "ials"});
  const auto before = current();
  for (int round = 0; round < 3; ++round) another_round();
  const auto decision = train_again();
  EXPECT_TRUE(decision.published) << decision.reason;
  EXPECT_EQ(decision.serving, before);
  EXPECT_EQ(current(), decision.trained);
  EXPECT_GE(decision.users, 20U);
  EXPECT_GT(decision.trained_recall20, 0);
  EXPECT_THAT(decision.reason, HasSubstr("not worse"));
  const auto kept = read_decisions(world_.folder.path()).value();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].reason, decision.reason);
  EXPECT_EQ(load_current_snapshot(world_.folder.path()).value()->models.size(), 2U);  // those that served
}

TEST_F(TwoCamps, WhatIsWorseIsNotPublished) {
  world_.train({"ials"});
  const auto before = current();
  for (int round = 0; round < 3; ++round) another_round();
  const auto decision = train_again({.train = {.models = {"pop"}}, .tolerance = 0});
  EXPECT_FALSE(decision.published) << decision.reason;
  EXPECT_EQ(current(), before);
  EXPECT_FALSE(std::filesystem::exists(world_.folder / "snapshots" / decision.trained));
  EXPECT_THAT(decision.reason, HasSubstr("worse"));
}

TEST_F(TwoCamps, WithoutANewEventNothingIsTrained) {
  world_.train({"ials"});
  const auto decision = train_again();
  EXPECT_TRUE(decision.trained.empty());
  EXPECT_FALSE(decision.published);
  EXPECT_EQ(list_snapshots(world_.folder.path()).value().size(), 1U);
}

TEST_F(TwoCamps, WithTooFewToAskTheReasonSaysSo) {
  world_.train({"ials"});
  world_.events("r0 like rock39");
  const auto decision = train_again();
  EXPECT_TRUE(decision.published);
  EXPECT_THAT(decision.reason, HasSubstr("too few"));
}

TEST_F(TwoCamps, RollingBackServesTheOneBeforeAndForwardAgain) {
  world_.train({"ials"});
  const auto first = current();
  another_round();
  world_.train({"ials"});
  const auto second = current();
  EXPECT_EQ(make_current(world_.folder.path(), "").value(), first);
  EXPECT_EQ(current(), first);
  EXPECT_FALSE(make_current(world_.folder.path(), "").ok());  // nothing before it
  EXPECT_EQ(make_current(world_.folder.path(), second).value(), second);
  const auto shelf = list_snapshots(world_.folder.path()).value();
  ASSERT_EQ(shelf.size(), 2U);
  EXPECT_EQ(shelf[0].id, second);
  EXPECT_TRUE(shelf[0].current);
  EXPECT_EQ(shelf[1].recommender, "ials");
}

TEST_F(TwoCamps, ADamagedSnapshotIsNotRolledBackTo) {
  world_.train({"ials"});
  const auto first = current();
  another_round();
  world_.train({"ials"});
  const auto second = current();
  ASSERT_TRUE(write_file_atomic(world_.folder / "snapshots" / first / "items.txt", "nothing").ok());
  EXPECT_EQ(make_current(world_.folder.path(), first).error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(make_current(world_.folder.path(), "").ok());
  EXPECT_EQ(current(), second);
  const auto unknown = make_current(world_.folder.path(), "2020");
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(unknown.error().message, HasSubstr(second));
}

TEST_F(TwoCamps, WhatIsNotCompressedAgainIsSaid) {
  world_.train({"pop", "ials"});
  ASSERT_TRUE(compress(world_.folder.path(), *world_.store, *world_.log, {.budget = {.share = 0.5}}).ok());
  for (int round = 0; round < 3; ++round) another_round();
  const auto decision = train_again();
  ASSERT_TRUE(decision.published) << decision.reason;
  EXPECT_THAT(decision.reason, HasSubstr("it is not compressed"));
}

TEST_F(TwoCamps, ALearnedFusionIsLearnedAgain) {
  ASSERT_TRUE(train(world_.folder.path(), *world_.store, *world_.log, world_.clock,
                    {.models = {"pop", "ials"}, .learned_fusion = true})
                  .ok());
  for (int round = 0; round < 3; ++round) another_round();
  const auto decision = train_again();
  ASSERT_TRUE(decision.published) << decision.reason;
  const auto serving = load_current_snapshot(world_.folder.path()).value();
  EXPECT_EQ(serving->id, decision.trained);
  EXPECT_TRUE(serving->fusion->learned());
}

}  // namespace
}  // namespace zhiyin
