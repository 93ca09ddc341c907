#include "domain/event.h"

#include <gtest/gtest.h>

#include <cmath>

namespace zhiyin {
namespace {

constexpr UnixSeconds kNow = 1'700'000'000;

Result<Event> read(std::string_view text) { return event_from_json(Json::parse(text).value(), kNow); }

TEST(Event, JsonSaysEveryFieldBothWays) {
  const std::string text =
      R"({"id":"e1","type":"comment","user":"ann","item":"a","value":2,"time":1699999999,"text":"好听","recommendation":"r-1"})";
  const auto event = read(text);
  ASSERT_TRUE(event.ok()) << event.error().message;
  EXPECT_EQ(to_json(*event).dump(), text);
}

TEST(Event, AMissingTimeIsNow) { EXPECT_EQ(read(R"({"type":"like","user":"ann","item":"a"})").value().time, kNow); }

TEST(Event, EveryTypeHasAName) {
  for (std::size_t type = 0; type < kEventTypeNames.size(); ++type) {
    EXPECT_EQ(event_type_from(kEventTypeNames[type]), static_cast<EventType>(type));
  }
  EXPECT_FALSE(event_type_from("").has_value());
}

struct BadEvent {
  const char* json;
  const char* field;
  const char* message;
};

TEST(Event, RefusesBadFieldsByName) {
  const BadEvent bads[] = {
      {R"("like")", "", "a string: give an object"},
      {R"({"user":"u","item":"i"})", "type", "missing"},
      {R"({"type":"liek","user":"u","item":"i"})", "type", "did you mean \"like\""},
      {R"({"type":"like","item":"i"})", "user", "missing or empty"},
      {R"({"type":"like","user":"u"})", "item", "missing or empty"},
      {R"({"type":"like","user":"u","item":"i","time":-1})", "time", "not negative"},
      {R"({"type":"like","user":"u","item":"i","time":1700086401})", "time", "ahead of now"},
      {R"({"type":"like","user":"u","item":"i","time":"now"})", "time", "give a number"},
      {R"({"type":"rating","user":"u","item":"i"})", "value", "missing"},
      {R"({"type":"rating","user":"u","item":"i","value":8})", "value", "0 to 5 stars"},
      {R"({"type":"view","user":"u","item":"i","value":1.2})", "value", "0 to 1"},
      {R"({"type":"view","user":"u","item":"i","value":"1"})", "value", "give a number"},
      {R"({"type":"like","user":"u","item":"i","txt":"x"})", "txt", "did you mean \"text\""},
      {R"({"type":"like","user":"u","item":"i","id":"a\u0001"})", "id", "control character"},
  };
  for (const auto& bad : bads) {
    SCOPED_TRACE(bad.json);
    const auto event = read(bad.json);
    ASSERT_FALSE(event.ok());
    EXPECT_EQ(event.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(event.error().field, bad.field);
    EXPECT_NE(event.error().message.find(bad.message), std::string::npos) << event.error().message;
  }
}

TEST(Event, RefusesBytesThatAreNotText) {
  auto json = Json::object({{"type", "comment"}, {"user", "u"}, {"item", "i"}, {"text", "\xff"}});
  EXPECT_EQ(event_from_json(json, kNow).error().field, "text");
  json.set("text", std::string(10'001, 'x'));
  EXPECT_EQ(event_from_json(json, kNow).error().field, "text");
  json.set("text", "fine");
  json.set("value", std::nan(""));
  EXPECT_EQ(event_from_json(json, kNow).error().field, "value");
}

Event of(EventType type, std::optional<double> value = {}) {
  Event event;
  event.type = type;
  event.value = value;
  return event;
}

TEST(Preference, SeeingIsNotLiking) {
  EXPECT_EQ(preference(of(EventType::kImpression)), 0);
  EXPECT_GT(preference(of(EventType::kLike)), 0);
  EXPECT_LT(preference(of(EventType::kSkip)), 0);
  EXPECT_LT(preference(of(EventType::kDislike)), preference(of(EventType::kSkip)));
}

TEST(Preference, AViewCountsByTheShareWatched) {
  EXPECT_EQ(preference(of(EventType::kView, 0.09)), 0);
  EXPECT_DOUBLE_EQ(preference(of(EventType::kView, 0.4)), 0.4);
  EXPECT_DOUBLE_EQ(preference(of(EventType::kView)), 1);
}

TEST(Preference, MiddlingStarsSayNothing) {
  EXPECT_GT(preference(of(EventType::kRating, 4)), 0);
  EXPECT_LT(preference(of(EventType::kRating, 4)), preference(of(EventType::kRating, 5)));
  for (const double stars : {2.5, 3.0, 3.5}) EXPECT_EQ(preference(of(EventType::kRating, stars)), 0) << stars;
  EXPECT_LT(preference(of(EventType::kRating, 2)), 0);
}

}  // namespace
}  // namespace zhiyin
