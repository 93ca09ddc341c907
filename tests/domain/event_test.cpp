#include "domain/event.h"

#include <gtest/gtest.h>

#include <cmath>

namespace zhiyin {
namespace {

constexpr UnixSeconds kNow = 1'700'000'000;

Result<Event> read(std::string_view text) { return event_from_json(Json::parse(text).value(), kNow); }

TEST(Event, JsonSaysEveryFieldBothWays) {
  const std::string text =
      R"({"id":"e1","type":"comment","user":"ann","item":"a","value":2,"time":1699999999,"text":"好听","recommendation":"r-1","source":"fresh"})";
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
      {R"({"type":"like","user":"u","item":"i","time":1e300})", "time", "whole number"},
      {R"({"type":"like","user":"u","item":"i","time":-9223372036854775808})", "time", "whole number"},
      {R"({"type":"like","user":"u","item":"i","time":18446744073709551615})", "time", "whole number"},
      {R"({"type":"view","user":"u","item":"i","value":-1e308})", "value", "0 to 1"},
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

TEST(Event, AMergeIsOfAGuestAndOfNoItem) {
  const std::string text = R"({"type":"merge","user":"ann","time":1699999999,"text":"guest:g1"})";
  const auto event = read(text);
  ASSERT_TRUE(event.ok()) << event.error().message;
  EXPECT_EQ(to_json(*event).dump(), text);
  EXPECT_EQ(read(R"({"type":"merge","user":"ann"})").error().field, "text");
}

}  // namespace
}  // namespace zhiyin
