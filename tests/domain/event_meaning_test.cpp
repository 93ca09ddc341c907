#include "domain/event_meaning.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

Event of(EventType type, std::optional<double> value = {}) {
  Event event;
  event.type = type;
  event.value = value;
  return event;
}

double preference(const Event& event) { return EventMeaning().preference(event); }

TEST(Preference, SeeingIsNotLiking) {
  EXPECT_EQ(preference(of(EventType::kImpression)), 0);
  EXPECT_GT(preference(of(EventType::kLike)), 0);
  EXPECT_LT(preference(of(EventType::kSkip)), 0);
  EXPECT_LT(preference(of(EventType::kDislike)), preference(of(EventType::kSkip)));
}

TEST(Preference, AViewCountsByTheShareWatched) {
  EXPECT_EQ(preference(of(EventType::kView, 0.09)), 0);
  EXPECT_DOUBLE_EQ(preference(of(EventType::kView, 0.1)), 0.1);
  EXPECT_DOUBLE_EQ(preference(of(EventType::kView, 0.4)), 0.4);
  EXPECT_DOUBLE_EQ(preference(of(EventType::kView)), 1);
}

TEST(Preference, MiddlingStarsSayNothing) {
  EXPECT_GT(preference(of(EventType::kRating, 4)), 0);
  EXPECT_LT(preference(of(EventType::kRating, 4)), preference(of(EventType::kRating, 5)));
  for (const double stars : {2.5, 3.0, 3.5}) EXPECT_EQ(preference(of(EventType::kRating, stars)), 0) << stars;
  EXPECT_LT(preference(of(EventType::kRating, 2)), 0);
}

TEST(Preference, TheOwnerSaysWhatCounts) {
  EventMeaning meaning;
  meaning.weight[static_cast<std::size_t>(EventType::kSkip)] = -3;
  meaning.weight[static_cast<std::size_t>(EventType::kView)] = 10;
  meaning.view = {{0, -0.5}, {0.5, 0}, {1, 1}};
  EXPECT_EQ(meaning.preference(of(EventType::kSkip)), -3);
  EXPECT_DOUBLE_EQ(meaning.preference(of(EventType::kView, 0)), -5);
  EXPECT_DOUBLE_EQ(meaning.preference(of(EventType::kView, 0.75)), 5);
}

TEST(Preference, AnOpinionCountsUntilItExpiresByTheNewestEvent) {
  EventMeaning meaning;
  EXPECT_FALSE(meaning.is_expired(0, 2'000'000'000));
  meaning.ttl_days = 2;
  EXPECT_FALSE(meaning.is_expired(1000, 1000 + 2 * 86'400));
  EXPECT_TRUE(meaning.is_expired(1000, 1000 + 2 * 86'400 + 1));
}

TEST(Curve, HasLinesBetweenItsPointsAndStepsWhereTwoMeet) {
  const Curve curve = {{0.2, 1}, {0.4, 0}, {0.4, 0.5}, {0.8, 0.7}};
  EXPECT_DOUBLE_EQ(curve.at(0), 1);
  EXPECT_DOUBLE_EQ(curve.at(0.3), 0.5);
  EXPECT_DOUBLE_EQ(curve.at(0.4), 0.5);
  EXPECT_DOUBLE_EQ(curve.at(0.6), 0.6);
  EXPECT_DOUBLE_EQ(curve.at(1), 0.7);
}

TEST(Curve, IsReadAsItIsWritten) {
  const Curve curve = {{0, -1}, {0.1, 0}, {0.1, 0.25}, {1, 1}};
  EXPECT_EQ(curve.text(), "0:-1 0.1:0 0.1:0.25 1:1");
  EXPECT_EQ(Curve::parse(curve.text()).value(), curve);
  for (const auto* bad : {"", "0", "0:2", "0.5:0 0.4:1", "x:1", "0:1 2:1", "nan:0"}) {
    EXPECT_FALSE(Curve::parse(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace zhiyin
