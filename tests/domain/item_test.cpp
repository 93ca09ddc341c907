#include "domain/item.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

Json parse(std::string_view text) { return Json::parse(text).value(); }

TEST(Item, JsonSaysEveryFieldBothWays) {
  const std::string text =
      R"({"id":"高山流水","title":"Mountains","text":"two\nlines","tags":["guqin","old"],"creator":"Bo Ya",)"
      R"("url":"https://example.org/1","time":-86400,"hidden":true,"attributes":{"year":1955}})";
  const auto item = item_from_json(parse(text));
  ASSERT_TRUE(item.ok()) << item.error().message;
  EXPECT_EQ(to_json(*item).dump(), text);
}

TEST(Item, OnlyTheIdIsNeeded) {
  const auto item = item_from_json(parse(R"({"id":"a"})")).value();
  EXPECT_EQ(item.id, ItemId("a"));
  EXPECT_FALSE(item.time.has_value());
  EXPECT_EQ(
      to_json(item).dump(),
      R"({"id":"a","title":"","text":"","tags":[],"creator":"","url":"","time":null,"hidden":false,"attributes":{}})");
}

struct BadItem {
  const char* json;
  const char* field;
  const char* message;  // a part of it
};

TEST(Item, RefusesBadFieldsByName) {
  const BadItem bads[] = {
      {"[]", "", "an array: give an object"},
      {"{}", "id", "missing or empty"},
      {R"({"id":7})", "id", "a number: give a string"},
      {R"({"id":""})", "id", "empty"},
      {R"({"id":"a","titel":"x"})", "titel", "did you mean \"title\""},
      {R"({"id":"a","title":["x"]})", "title", "an array: give a string"},
      {R"({"id":"a","title":"x\ny"})", "title", "control character"},
      {R"({"id":"a","tags":"x"})", "tags", "array of strings"},
      {R"({"id":"a","tags":["x",3]})", "tags", "array of strings"},
      {R"({"id":"a","tags":[""]})", "tags", "empty"},
      {R"({"id":"a","time":1.5})", "time", "whole number"},
      {R"({"id":"a","time":1700000000000})", "time", "not milliseconds"},
      {R"({"id":"a","hidden":"yes"})", "hidden", "true or false"},
      {R"({"id":"a","attributes":[1]})", "attributes", "an array: give an object"},
  };
  for (const auto& bad : bads) {
    SCOPED_TRACE(bad.json);
    const auto item = item_from_json(parse(bad.json));
    ASSERT_FALSE(item.ok());
    EXPECT_EQ(item.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(item.error().field, bad.field);
    EXPECT_NE(item.error().message.find(bad.message), std::string::npos) << item.error().message;
  }
}

TEST(Item, RefusesWhatIsTooLong) {
  const auto json = Json::object({{"id", "a"}, {"title", std::string(1'001, 'x')}});
  EXPECT_EQ(item_from_json(json).error().field, "title");
}

TEST(Item, PatchChangesOnlyWhatItNames) {
  auto item = item_from_json(parse(R"({"id":"a","title":"old","tags":["x"],"time":5,"attributes":{"k":1}})")).value();
  item.media.path = "/music/a.ogg";
  const auto after = patched(item, parse(R"({"title":"new","time":null,"tags":[]})")).value();
  EXPECT_EQ(after.title, "new");
  EXPECT_TRUE(after.tags.empty());
  EXPECT_FALSE(after.time.has_value());
  EXPECT_EQ(after.attributes["k"].as_integer(), 1);
  EXPECT_EQ(after.media.path, "/music/a.ogg");
}

TEST(Item, PatchCannotChangeTheId) {
  const auto item = item_from_json(parse(R"({"id":"a"})")).value();
  EXPECT_TRUE(patched(item, parse(R"({"id":"a"})")).ok());
  EXPECT_EQ(patched(item, parse(R"({"id":"b"})")).error().field, "id");
}

TEST(Item, MediaKindsHaveNames) {
  for (const auto kind : {MediaKind::kNone, MediaKind::kAudio, MediaKind::kVideo, MediaKind::kImage}) {
    EXPECT_EQ(media_kind_from(to_string(kind)), kind);
  }
  EXPECT_EQ(media_kind_from("hologram"), MediaKind::kNone);
}

}  // namespace
}  // namespace zhiyin
