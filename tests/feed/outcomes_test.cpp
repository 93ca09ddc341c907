// What each source of the feed earned.
#include "feed/live/outcomes.h"

#include <gtest/gtest.h>

#include "domain/event_meaning.h"
#include "support/world.h"

namespace zhiyin {
namespace {

Slate slate(std::string id, std::vector<std::pair<const char*, SourceKind>> items) {
  Slate made;
  made.recommendation = std::move(id);
  for (const auto& [item, source] : items) made.items.push_back({ItemId(item), 1, source, {}, {}});
  return made;
}

Event event(EventType type, const char* item, const char* recommendation, const char* source = "") {
  Event made;
  made.type = type;
  made.user = UserId("ann");
  made.item = ItemId(item);
  made.recommendation = recommendation;
  made.source = source;
  return made;
}

void apply(Outcomes& outcomes, const Event& event) { outcomes.apply(event, EventMeaning().preference(event)); }

TEST(Outcomes, AnEventFindsTheSourceOfTheSlateItNames) {
  Outcomes outcomes;
  outcomes.give(slate("r-1", {{"a", SourceKind::kSimilar}, {"b", SourceKind::kFresh}}));
  EXPECT_EQ(outcomes.source_of("r-1", ItemId("a")), "similar");
  EXPECT_EQ(outcomes.source_of("r-1", ItemId("b")), "fresh");
  EXPECT_EQ(outcomes.source_of("r-1", ItemId("c")), "");
  EXPECT_EQ(outcomes.source_of("r-2", ItemId("a")), "");
}

TEST(Outcomes, AnItemOfASlateCountsOnceForEachThingThatBecameOfIt) {
  Outcomes outcomes;
  for (int i = 0; i < 3; ++i) apply(outcomes, event(EventType::kImpression, "a", "r-1", "similar"));
  apply(outcomes, event(EventType::kClick, "a", "r-1", "similar"));
  apply(outcomes, event(EventType::kView, "a", "r-1", "similar"));
  apply(outcomes, event(EventType::kImpression, "b", "r-1", "similar"));
  apply(outcomes, event(EventType::kDislike, "c", "r-1", "fresh"));
  apply(outcomes, event(EventType::kLike, "d", "r-9"));
  apply(outcomes, event(EventType::kLike, "d", ""));
  const auto earned = outcomes.by_source();
  ASSERT_EQ(earned.size(), 3U);
  EXPECT_EQ(earned.at("similar").shown, 2);
  EXPECT_EQ(earned.at("similar").clicked, 1);
  EXPECT_EQ(earned.at("similar").liked, 1);
  EXPECT_EQ(earned.at("fresh").shown, 1) << "what was touched was seen";
  EXPECT_EQ(earned.at("fresh").disliked, 1);
  EXPECT_EQ(earned.at("unknown").liked, 1);
}

TEST(Outcomes, TheSlateSaysTheSourceWhereTheOutcomeDoesNot) {
  Outcomes outcomes;
  outcomes.give(slate("r-1", {{"a", SourceKind::kPopular}}));
  EXPECT_TRUE(outcomes.by_source().empty()) << "a slate that nobody is known to have seen earned nothing";
  apply(outcomes, event(EventType::kLike, "a", "r-1"));
  EXPECT_EQ(outcomes.by_source().at("popular").liked, 1);
}

TEST(Outcomes, RemembersTheNewestOnly) {
  Outcomes outcomes({.remembered = 2});
  outcomes.give(slate("r-1", {{"a", SourceKind::kSimilar}, {"b", SourceKind::kSimilar}, {"c", SourceKind::kSimilar}}));
  EXPECT_EQ(outcomes.source_of("r-1", ItemId("a")), "");
  EXPECT_EQ(outcomes.source_of("r-1", ItemId("c")), "similar");
}

TEST(Outcomes, NamesOfSourcesAreBounded) {
  Outcomes outcomes;
  for (int i = 0; i < 1000; ++i)
    apply(outcomes, event(EventType::kLike, "a", std::to_string(i).c_str(), ("s" + std::to_string(i)).c_str()));
  EXPECT_LE(outcomes.by_source().size(), Outcomes::kMostSources);
  EXPECT_GT(outcomes.by_source().at("other").liked, 900);
}

TEST(Outcomes, TheLogKeepsTheSourceSoThatAReplayTellsTheSame) {
  World world;
  world.items("a A song\nb Another");
  world.live.outcomes().give(slate("r-1", {{"a", SourceKind::kFresh}}));
  auto like = event(EventType::kLike, "a", "r-1", "made up by the client");
  auto other = event(EventType::kLike, "b", "r-1", "made up by the client");
  ASSERT_TRUE(world.ingest->events(std::vector{like, other}).ok());
  Live again;
  ASSERT_TRUE(again.replay(*world.log).ok());
  for (const auto* live : {&std::as_const(world.live), &std::as_const(again)}) {
    EXPECT_EQ(live->outcomes().by_source().at("fresh").liked, 1);
    EXPECT_EQ(live->outcomes().by_source().at("unknown").liked, 1);
    EXPECT_EQ(live->outcomes().by_source().size(), 2U);
  }
}

}  // namespace
}  // namespace zhiyin
