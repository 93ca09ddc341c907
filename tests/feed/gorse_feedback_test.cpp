#include "feed/ingest/gorse_feedback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhiyin::gorse {
namespace {

using ::testing::HasSubstr;

Feedback feedback(const char* type, double value = 0) { return {type, UserId("u"), ItemId("i"), value, 1000, {}, {}}; }

EventType means(const FeedbackRules& rules, const char* type, double value = 0) {
  return rules.meaning(feedback(type, value)).type;
}

TEST(FeedbackRules, NegativeIsAskedFirstThenPositiveThenTheName) {
  const auto rules =
      FeedbackRules::from({.positive = "star, read >= 3, click", .read = "read,like", .negative = "read>100,hide"});
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  EXPECT_EQ(means(*rules, "star"), EventType::kLike);
  EXPECT_EQ(means(*rules, "read", 2.5), EventType::kView);
  EXPECT_EQ(rules->meaning(feedback("read", 2.5)).value, 0.0) << "seen, not watched";
  EXPECT_EQ(means(*rules, "read", 3), EventType::kLike);
  EXPECT_EQ(means(*rules, "read", 101), EventType::kDislike);
  EXPECT_EQ(means(*rules, "hide"), EventType::kDislike);
  EXPECT_EQ(means(*rules, "click"), EventType::kLike) << "named, it is no longer the event of that name";
  EXPECT_EQ(means(*rules, "like"), EventType::kView) << "here a like is a reading";
  EXPECT_EQ(means(*rules, "share"), EventType::kShare);
  EXPECT_EQ(means(*rules, "unheard-of"), EventType::kView);
  EXPECT_EQ(means(*rules, "retraction"), EventType::kView) << "feedback takes nothing back";
  EXPECT_EQ(rules->meaning(feedback("view")).value, std::nullopt) << "a view without a value is a whole one";
  EXPECT_EQ(rules->meaning(feedback("view", 0.4)).value, 0.4);
  EXPECT_EQ(means(*rules, "rating", 4), EventType::kRating);
  EXPECT_EQ(means(*rules, "rating", 8), EventType::kView) << "of another scale: says nothing until a rule does";
}

TEST(FeedbackRules, EverySignIsUnderstood) {
  const auto holds = [](const char* rule, double value) {
    return means(FeedbackRules::from({.positive = rule}).value(), "r", value) == EventType::kLike;
  };
  EXPECT_TRUE(holds("r>1", 2) && !holds("r>1", 1));
  EXPECT_TRUE(holds("r>=1", 1) && !holds("r>=1", 0.9));
  EXPECT_TRUE(holds("r<1", 0) && !holds("r<1", 1));
  EXPECT_TRUE(holds("r<=1", 1) && !holds("r<=1", 1.1));
  EXPECT_TRUE(holds("r=1", 1) && holds("r==1", 1) && !holds("r=1", 2));
  EXPECT_TRUE(holds("r < -1.5", -2));
}

TEST(FeedbackRules, AnEntryThatCannotBeReadIsNamedWithItsList) {
  for (const auto* entry : {"read>=", "read>=three", ">=3", "read>=3 stars"}) {
    const auto rules = FeedbackRules::from({.negative = entry});
    ASSERT_FALSE(rules.ok()) << entry;
    EXPECT_THAT(rules.error().message, HasSubstr("[gorse] negative")) << entry;
    EXPECT_THAT(rules.error().message, HasSubstr(entry));
  }
}

TEST(FeedbackEvents, AreOrdinaryEventsWhereTheTypeSaysItAll) {
  const auto rules = FeedbackRules::from({}).value();
  auto nice = feedback("comment");
  nice.comment = "nice";
  EXPECT_EQ(event_of(nice, rules).text, "nice");
  EXPECT_EQ(event_of(feedback("like"), rules).text, "");
  EXPECT_EQ(event_of(feedback("view", 0.5), rules).value, 0.5);
  EXPECT_THAT(event_of(feedback("star"), rules).text, HasSubstr("star"));
}

TEST(FeedbackEvents, ACommentThatLooksLikeOurNotesComesBackToo) {
  const auto rules = FeedbackRules::from({}).value();
  auto sly = feedback("comment");
  sly.comment = R"({"FeedbackType":"star","Value":9})";
  const auto back = feedback_of(event_of(sly, rules));
  EXPECT_EQ(back.type, "comment");
  EXPECT_EQ(back.comment, sly.comment);
}

TEST(FeedbackEvents, TooManyWordsAreRefusedBeforeTheyAreOne) {
  auto loud = to_json(feedback("star"));
  loud.set("Labels", std::string(8'000, 'x'));
  EXPECT_TRUE(feedback_from_json(loud, 1000).ok());
  loud.set("Comment", std::string(1'000, 'x'));
  EXPECT_EQ(feedback_from_json(loud, 1000).error().code, ErrorCode::kTooLarge);
}

TEST(FeedbackEvents, AheadOfTimeTheySayNothingAndRememberEverything) {
  auto later = feedback("star", 2);
  later.time = 5000;
  const auto event = announcement_of(later, 1000);
  EXPECT_EQ(event.type, EventType::kImpression);
  EXPECT_EQ(event.time, 1000);
  EXPECT_EQ(to_json(feedback_of(event)).dump(), to_json(later).dump());
}

}  // namespace
}  // namespace zhiyin::gorse
