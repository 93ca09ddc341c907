// Gorse's REST API as its clients speak it: the real router and server, asked over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "app/serve/gorse/feedbacks.h"
#include "support/program.h"
#include "support/served_home.h"

namespace zhiyin {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using enum http::Method;

std::vector<std::string> ids(const Json& scores, std::string_view member = "Id") {
  std::vector<std::string> found;
  for (const auto& one : scores.elements())
    found.emplace_back(one.is_string() ? one.as_string() : one[member].as_string());
  return found;
}

// A catalogue of songs and talks in Gorse's words.
void fill(ServedHome& home) {
  home.json(kPost, "/api/items", R"([
    {"ItemId":"song_a","Categories":["music"],"Timestamp":"2023-01-01T00:00:00Z","Labels":["rock"],"Comment":"A song of rain"},
    {"ItemId":"song_b","Categories":["music"],"Timestamp":"2023-02-01T00:00:00Z","Labels":["rock"],"Comment":"A song of wind"},
    {"ItemId":"song_c","Categories":["music","live"],"Timestamp":"2023-03-01T00:00:00Z","Labels":["rock"],"Comment":"A song of snow"},
    {"ItemId":"talk_x","Categories":["talk"],"Timestamp":"2023-04-01T00:00:00Z","Labels":["law"],"Comment":"On law"},
    {"ItemId":"talk_y","Categories":["talk","live"],"Timestamp":"2023-05-01T00:00:00Z","Labels":["law"],"Comment":"On law again"}])");
  std::string feedback;
  for (const auto* user : {"ann", "bob", "cat"}) {
    for (const auto* item : {"song_a", "song_b", "song_c"})
      feedback += std::string(R"(,{"FeedbackType":"star","UserId":")") + user + R"(","ItemId":")" + item +
                  R"(","Timestamp":"2023-11-14T00:00:00Z"})";
  }
  for (const auto* item : {"talk_x", "talk_y"})
    feedback += std::string(R"(,{"FeedbackType":"star","UserId":"dan","ItemId":")") + item +
                R"(","Timestamp":"2023-11-01T00:00:00Z"})";
  feedback += R"(,{"FeedbackType":"star","UserId":"eve","ItemId":"song_a","Timestamp":"2023-11-14T00:00:00Z"})";
  feedback[0] = '[';
  home.json(kPost, "/api/feedback", feedback + "]");
  home.refresh();
}

// --- Users.

TEST(GorseUsers, ComeBackAsTheyWereSent) {
  ServedHome home;
  const std::string user = R"({"UserId":"100","Labels":{"age":30,"likes":["a","b"]},"Comment":"comment"})";
  EXPECT_EQ(home.ask(kPost, "/api/user", user).body, R"({"RowAffected":1})");
  EXPECT_EQ(home.ask(kGet, "/api/user/100").body, user);
  EXPECT_EQ(home.json(kPatch, "/api/user/100", R"({"Comment":"new"})")["RowAffected"].as_integer(), 1);
  EXPECT_EQ(home.get("/api/user/100")["Comment"].as_string(), "new");
  EXPECT_EQ(home.get("/api/user/100")["Labels"]["age"].as_integer(), 30) << "what the patch does not name stays";
  EXPECT_EQ(home.json(kPost, "/api/user", R"({"UserId":"100"})")["RowAffected"].as_integer(), 1);
  EXPECT_EQ(home.ask(kGet, "/api/user/100").body, R"({"UserId":"100","Labels":null,"Comment":""})");
  EXPECT_EQ(home.json(kDelete, "/api/user/100")["RowAffected"].as_integer(), 1);
  EXPECT_EQ(home.ask(kGet, "/api/user/100").status, 404);
}

TEST(GorseUsers, AreListedPageByPage) {
  ServedHome home;
  EXPECT_EQ(
      home.json(kPost, "/api/users", R"([{"UserId":"a"},{"UserId":"b"},{"UserId":"c"}])")["RowAffected"].as_integer(),
      3);
  const auto first = home.get("/api/users?n=2");
  EXPECT_THAT(ids(first["Users"], "UserId"), ElementsAre("a", "b"));
  const auto cursor = std::string(first["Cursor"].as_string());
  ASSERT_FALSE(cursor.empty());
  const auto second = home.get("/api/users?n=2&cursor=" + cursor);
  EXPECT_THAT(ids(second["Users"], "UserId"), ElementsAre("c"));
  EXPECT_EQ(second["Cursor"].as_string(), "");
  EXPECT_EQ(home.ask(kGet, "/api/users?cursor=nonsense").status, 400);
  EXPECT_EQ(home.ask(kGet, "/api/users?n=many").status, 400);
}

TEST(GorseUsers, WhoIsKnownByEventsAloneIsKnown) {
  ServedHome home;
  home.json(kPut, "/v1/items/i", R"({"title":"I"})");
  home.json(kPut, "/v1/users/b", R"({"name":"B"})");
  home.json(kPost, "/v1/events", R"([{"type":"like","user":"c","item":"i"},{"type":"like","user":"a","item":"i"},
      {"type":"like","user":"b","item":"i"},{"type":"like","user":"guest:g","item":"i"}])");
  EXPECT_THAT(ids(home.get("/api/users")["Users"], "UserId"), ElementsAre("a", "b", "c"));
  const auto page = home.get("/api/users?n=2");
  EXPECT_THAT(ids(page["Users"], "UserId"), ElementsAre("a", "b"));
  EXPECT_THAT(ids(home.get("/api/users?n=2&cursor=" + std::string(page["Cursor"].as_string()))["Users"], "UserId"),
              ElementsAre("c"));
  EXPECT_EQ(home.ask(kGet, "/api/user/a").body, R"({"UserId":"a","Labels":null,"Comment":""})");
  home.json(kPatch, "/api/user/a", R"({"Comment":"hello"})");
  EXPECT_EQ(home.get("/api/user/a")["Comment"].as_string(), "hello");
  home.json(kDelete, "/api/user/c");
  EXPECT_EQ(home.ask(kGet, "/api/user/c").status, 404);
  EXPECT_EQ(home.ask(kGet, "/api/user/guest:g").status, 404);
}

TEST(GorseUsers, WhatGorseHasNoWordForStays) {
  ServedHome home;
  home.json(kPut, "/v1/users/ann", R"({"name":"Ann","attributes":{"city":"Bern"}})");
  home.json(kPost, "/api/user", R"({"UserId":"ann","Comment":"hello"})");
  const auto user = home.get("/v1/users/ann");
  EXPECT_EQ(user["name"].as_string(), "Ann");
  EXPECT_EQ(user["attributes"]["city"].as_string(), "Bern");
}

// --- Items.

TEST(GorseItems, ComeBackAsTheyWereSent) {
  ServedHome home;
  const std::string item =
      R"({"ItemId":"100","IsHidden":true,"Categories":["d","e"],"Timestamp":"2022-08-07T00:26:46Z","Labels":["a","b","c"],"Comment":"comment"})";
  EXPECT_EQ(home.ask(kPost, "/api/item", item).body, R"({"RowAffected":1})");
  EXPECT_EQ(home.ask(kGet, "/api/item/100").body, item);
  home.json(kPatch, "/api/item/100", R"({"IsHidden":false,"Timestamp":"2023-01-01T02:00:00+02:00"})");
  const auto patched = home.get("/api/item/100");
  EXPECT_FALSE(patched["IsHidden"].as_bool(true));
  EXPECT_EQ(patched["Timestamp"].as_string(), "2023-01-01T00:00:00Z");
  EXPECT_EQ(patched["Comment"].as_string(), "comment");
  EXPECT_EQ(home.json(kDelete, "/api/item/100")["RowAffected"].as_integer(), 1);
  EXPECT_EQ(home.ask(kGet, "/api/item/100").status, 404);
  EXPECT_EQ(home.ask(kPatch, "/api/item/100", "{}").status, 404);
}

TEST(GorseItems, CommentsOfEveryKindComeBack) {
  ServedHome home;
  const std::string long_line(300, 'x');
  for (const auto& comment : {std::string(), std::string("short"), std::string("c1"), std::string("two\nlines"),
                              long_line, std::string("高山流水")}) {
    auto item = Json::object({{"ItemId", "c1"}, {"Comment", comment}});
    home.json(kPost, "/api/item", item.dump());
    EXPECT_EQ(home.get("/api/item/c1")["Comment"].as_string(), comment);
    EXPECT_FALSE(home.get("/v1/items/c1")["title"].as_string().empty()) << "there is always something to show";
  }
}

TEST(GorseItems, CategoriesArePutAndTakenAway) {
  ServedHome home;
  home.json(kPost, "/api/item", R"({"ItemId":"a","Categories":["x"]})");
  home.json(kPut, "/api/item/a/category/y");
  home.json(kPut, "/api/item/a/category/y");
  EXPECT_THAT(ids(home.get("/api/item/a")["Categories"]), ElementsAre("x", "y"));
  home.json(kDelete, "/api/item/a/category/x");
  EXPECT_THAT(ids(home.get("/api/item/a")["Categories"]), ElementsAre("y"));
  EXPECT_EQ(home.ask(kPut, "/api/item/nothing/category/y").status, 404);
}

TEST(GorseItems, AreListedPageByPageAndFoundByWords) {
  ServedHome home;
  fill(home);
  const auto first = home.get("/api/items?n=3");
  EXPECT_THAT(ids(first["Items"], "ItemId"), ElementsAre("song_a", "song_b", "song_c"));
  const auto second = home.get("/api/items?n=3&Cursor=" + std::string(first["Cursor"].as_string()));
  EXPECT_THAT(ids(second["Items"], "ItemId"), ElementsAre("talk_x", "talk_y"));
  const auto found = home.get("/api/items?q=snow");
  EXPECT_EQ(found["Items"].elements().at(0)["ItemId"].as_string(), "song_c");
  EXPECT_EQ(found["Cursor"].as_string(), "");
}

TEST(GorseItems, AFileOrACreatorSurvivesAnUpdate) {
  ServedHome home;
  home.json(kPut, "/v1/items/a", R"({"title":"Song","creator":"Bo Ya","url":"file:a"})");
  home.json(kPost, "/api/item", R"({"ItemId":"a","Comment":"new words"})");
  const auto item = home.get("/v1/items/a");
  EXPECT_EQ(item["creator"].as_string(), "Bo Ya");
  EXPECT_EQ(item["title"].as_string(), "new words");
}

TEST(GorseItems, EmbeddingsInLabelsAreVectorsOfTheItem) {
  ServedHome home;
  for (int i = 0; i < 6; ++i) {
    auto embedding = Json::array();
    for (int j = 0; j < 16; ++j) embedding.push(j % 2 == i % 2 ? 1.0 + 0.01 * i : 0.01 * j);
    home.json(kPost, "/api/item",
              Json::object({{"ItemId", "i" + std::to_string(i)}, {"Labels", Json::object({{"embedding", embedding}})}})
                  .dump());
  }
  home.train();
  const auto near = ids(home.get("/api/item-to-item/similar/i0?n=2"));
  EXPECT_THAT(near, ::testing::UnorderedElementsAre("i2", "i4")) << "alike in nothing but their embeddings";
  EXPECT_EQ(home.get("/api/item/i0")["Labels"]["embedding"].elements().size(), 16U);
}

TEST(GorseItems, IdsThatGorseRefusesAreRefused) {
  ServedHome home;
  EXPECT_EQ(home.ask(kPost, "/api/item", R"({"ItemId":"a/b"})").status, 400);
  EXPECT_EQ(home.ask(kPost, "/api/item", R"({"ItemId":""})").status, 400);
  EXPECT_EQ(home.ask(kPost, "/api/item", R"({"Comment":"no id"})").status, 400);
  EXPECT_EQ(home.ask(kPost, "/api/user", R"({"UserId":"a/b"})").status, 400);
  EXPECT_EQ(home.ask(kPost, "/api/users", R"([{"UserId":"a"},{"UserId":"/"}])").status, 400);
  EXPECT_EQ(home.ask(kGet, "/api/user/a").status, 404) << "one bad row, and nothing is written";
  EXPECT_EQ(home.ask(kPost, "/api/feedback", R"([{"FeedbackType":"a","UserId":"u","ItemId":"a/b"}])").status, 400);
}

TEST(GorseItems, ErrorsArePlainText) {
  ServedHome home;
  const auto answer = home.ask(kPost, "/api/item", "{not json");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(std::string(answer.headers.get("Content-Type").value()), HasSubstr("text/plain"));
  EXPECT_EQ(home.ask(kPost, "/api/items", R"({"ItemId":"a"})").status, 400) << "a list is wanted";
  EXPECT_THAT(home.ask(kPost, "/api/item", R"({"ItemId":"a","Timestamp":"soon"})").body, HasSubstr("Timestamp"));
}

// --- Feedback.

TEST(GorseFeedback, AnyTypeComesBackAsItWasSent) {
  ServedHome home;
  for (const auto* type : {"like", "star", "read", "收藏", "view", "rating", "impression", "retraction", "hot-take"}) {
    const auto sent = Json::object({{"FeedbackType", type},
                                    {"UserId", "u"},
                                    {"ItemId", "i"},
                                    {"Value", 7.5},
                                    {"Timestamp", "2022-08-07T00:26:46Z"},
                                    {"Labels", Json::object({{"device", "tv"}})},
                                    {"Comment", "so\nit is"}});
    EXPECT_EQ(home.json(kPut, "/api/feedback", Json::array({sent}).dump())["RowAffected"].as_integer(), 1);
    const auto all = home.get("/api/feedback/u/i");
    const auto& found = all.elements();
    const auto one =
        std::ranges::find_if(found, [&](const Json& row) { return row["FeedbackType"].as_string() == type; });
    ASSERT_NE(one, found.end()) << type;
    for (const auto& [name, value] : sent.members())
      EXPECT_EQ((*one)[name].dump(), value.dump()) << type << " " << name;
  }
}

TEST(GorseFeedback, UsersAndItemsThatAreNotKnownAreMade) {
  ServedHome home;
  EXPECT_EQ(
      home.json(
              kPost, "/api/feedback",
              R"([{"FeedbackType":"like","UserId":"u","ItemId":"i"},{"FeedbackType":"read","UserId":"u","ItemId":"j"}])")
          ["RowAffected"]
              .as_integer(),
      2);
  EXPECT_EQ(home.get("/api/user/u")["UserId"].as_string(), "u");
  EXPECT_EQ(home.get("/api/item/j")["Comment"].as_string(), "");
  home.refresh();
  EXPECT_THAT(ids(home.get("/api/popular")), ElementsAre("i"));
}

TEST(GorseFeedback, OrAreLeftOutWhereTheHomeSaysSo) {
  ServedHome home({.gorse = {.auto_insert = 0}});
  EXPECT_EQ(home.json(kPost, "/api/feedback", R"([{"FeedbackType":"like","UserId":"u","ItemId":"i"}])")["RowAffected"]
                .as_integer(),
            0);
  EXPECT_EQ(home.ask(kGet, "/api/user/u").status, 404);
}

constexpr const char* kRead =
    R"([{"FeedbackType":"read","UserId":"u","ItemId":"i","Value":2,"Timestamp":"2022-08-07T00:26:46Z"}])";

TEST(GorseFeedback, PostAddsAndPutOverwrites) {
  ServedHome home;
  home.json(kPost, "/api/feedback", kRead);
  home.json(kPost, "/api/feedback", kRead);
  EXPECT_EQ(home.get("/api/feedback/read/u/i")["Value"].as_number(), 4);
  home.json(kPut, "/api/feedback", kRead);
  EXPECT_EQ(home.get("/api/feedback/read/u/i")["Value"].as_number(), 2);
  EXPECT_EQ(home.get("/api/feedback")["Feedback"].elements().size(), 1U);
}

TEST(GorseFeedback, AnExpressionSaysWhatAValueMeans) {
  ServedHome home({.gorse = {.feedback = {.positive = "read>=3", .negative = "read<0, hide"}}});
  const auto opinion = [&] { return home.get("/v1/users/u")["history"].elements().at(0)["preference"].as_number(); };
  home.json(kPost, "/api/feedback", kRead);
  EXPECT_EQ(opinion(), 0);
  home.json(kPost, "/api/feedback", kRead);
  EXPECT_GT(opinion(), 0) << "2 and 2 are at least 3";
  home.json(kPut, "/api/feedback", kRead);
  EXPECT_EQ(opinion(), 0) << "overwritten, it is no longer one";
  home.json(kPut, "/api/feedback", R"([{"FeedbackType":"hide","UserId":"u","ItemId":"i"}])");
  EXPECT_LT(opinion(), 0);
  home.json(kDelete, "/api/feedback/hide/u/i");
  EXPECT_EQ(opinion(), 0) << "what is left is the reading";
}

TEST(GorseFeedback, AddedFromManySidesAtOnceNothingIsLost) {
  ServedHome home;
  auto& service = home.service();
  gorse::Feedbacks feedbacks(home.folder / "feedback.db", *service.home().log, service.ingest(), service.clock(),
                             gorse::FeedbackRules::from({}).value());
  const gorse::Feedback one{"read", UserId("u"), ItemId("i"), 1, 1000, {}, {}};
  {
    std::vector<std::jthread> sides;
    for (int side = 0; side < 4; ++side) {
      sides.emplace_back([&] {
        for (int i = 0; i < 25; ++i) EXPECT_TRUE(feedbacks.write({&one, 1}, gorse::Existing::kAddTo).ok());
      });
    }
  }
  EXPECT_EQ(feedbacks.one({"read", UserId("u"), ItemId("i")}).value().value().value, 100);
}

TEST(GorseFeedback, DeletedFeedbackIsForgottenByTheNextAnswerAndByTraining) {
  ServedHome home;
  fill(home);
  EXPECT_EQ(home.json(kDelete, "/api/feedback/star/ann/song_b")["RowAffected"].as_integer(), 1);
  EXPECT_EQ(home.ask(kGet, "/api/feedback/star/ann/song_b").status, 404);
  EXPECT_THAT(ids(home.get("/api/recommend/ann?n=5")), Contains("song_b")) << "not seen any longer";
  EXPECT_EQ(home.json(kDelete, "/api/feedback/star/ann/song_b")["RowAffected"].as_integer(), 0);
  for (const auto* user : {"bob", "cat"}) home.json(kDelete, std::string("/api/feedback/") + user + "/song_b");
  home.train();
  EXPECT_THAT(ids(home.get("/api/popular")), Not(Contains("song_b")));
  EXPECT_THAT(ids(home.get("/api/collaborative-filtering/eve?n=5")), Not(Contains("song_b")))
      << "nobody likes it any longer";
}

TEST(GorseFeedback, WithTheUserGoesAllOfIt) {
  ServedHome home;
  fill(home);
  home.json(kDelete, "/api/user/ann");
  EXPECT_THAT(home.get("/api/user/ann/feedback").elements(), IsEmpty());
  EXPECT_EQ(home.get("/api/feedback?n=100")["Feedback"].elements().size(), 9U);
  home.json(kDelete, "/api/item/song_a");
  EXPECT_THAT(home.get("/api/item/song_a/feedback/").elements(), IsEmpty());
}

TEST(GorseFeedback, IsListedByTypeByUserAndByItemPageByPage) {
  ServedHome home;
  fill(home);
  home.json(kPost, "/api/feedback", R"([{"FeedbackType":"read","UserId":"ann","ItemId":"talk_x"}])");
  EXPECT_EQ(home.get("/api/user/ann/feedback").elements().size(), 4U);
  EXPECT_EQ(home.get("/api/user/ann/feedback/read").elements().size(), 1U);
  EXPECT_EQ(home.get("/api/item/talk_x/feedback/").elements().size(), 2U);
  EXPECT_EQ(home.get("/api/item/talk_x/feedback/star").elements().size(), 1U);
  EXPECT_EQ(home.get("/api/feedback/star?n=100")["Feedback"].elements().size(), 12U);
  std::string cursor;
  std::size_t rows = 0;
  std::size_t pages = 0;
  do {
    const auto page = home.get("/api/feedback?n=5&cursor=" + cursor);
    rows += page["Feedback"].elements().size();
    cursor = page["Cursor"].as_string();
    ++pages;
  } while (!cursor.empty() && pages < 10);
  EXPECT_EQ(rows, 13U);
  EXPECT_EQ(pages, 3U);
}

TEST(GorseFeedback, EventsOfOurOwnApiAreThereUnderTheirTypes) {
  ServedHome home;
  home.json(kPut, "/v1/items/a", R"({"title":"A"})");
  home.json(kPost, "/v1/events", R"([{"type":"view","user":"ann","item":"a","value":0.5,"time":1600000000},
                                     {"type":"comment","user":"ann","item":"a","text":"nice","time":1600000001}])");
  const auto rows = home.get("/api/feedback/ann/a").elements();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["FeedbackType"].as_string(), "comment");
  EXPECT_EQ(rows[0]["Comment"].as_string(), "nice");
  EXPECT_EQ(rows[1]["Value"].as_number(), 0.5);
  home.json(kPost, "/v1/events", R"([{"type":"retraction","user":"ann","item":"a"}])");
  EXPECT_THAT(home.get("/api/feedback/ann/a").elements(), IsEmpty());
}

TEST(GorseFeedback, AGuestsRowsBecomeTheUsersAtLogin) {
  ServedHome home;
  fill(home);
  home.json(kPost, "/api/feedback", R"([
    {"FeedbackType":"star","UserId":"guest:g","ItemId":"song_a","Value":2,"Timestamp":"2023-11-14T01:00:00Z"},
    {"FeedbackType":"star","UserId":"guest:g","ItemId":"song_b","Value":3,"Timestamp":"2022-01-01T00:00:00Z"},
    {"FeedbackType":"star","UserId":"guest:g","ItemId":"talk_x","Value":4,"Timestamp":"2022-01-01T00:00:00Z"}])");
  home.json(kPost, "/v1/users/ann/merge", R"({"guest":"g"})");
  EXPECT_THAT(home.get("/api/user/guest%3Ag/feedback").elements(), IsEmpty());
  const auto value = [&](const std::string& item) {
    return home.get("/api/feedback/star/ann/" + item)["Value"].as_number();
  };
  EXPECT_EQ(value("song_a"), 2) << "the later one stands";
  EXPECT_EQ(value("song_b"), 0) << "the later one stands";
  EXPECT_EQ(value("talk_x"), 4);
}

TEST(GorseFeedback, TheTableIsMadeAnewFromTheLog) {
  ServedHome home;
  fill(home);
  home.json(kPost, "/api/feedback", kRead);
  home.json(kDelete, "/api/feedback/star/ann/song_a");
  const auto before = home.get("/api/feedback?n=100").dump();
  home.restart([&] { std::filesystem::remove(home.folder / "home" / "feedback.db"); });
  EXPECT_EQ(home.get("/api/feedback?n=100").dump(), before);
}

TEST(GorseFeedback, OfTheFutureCountsWhenItsTimeHasCome) {
  ServedHome home;
  fill(home);
  home.json(kPut, "/api/feedback",
            R"([{"FeedbackType":"read","UserId":"eve","ItemId":"talk_x","Timestamp":"2023-11-15T00:00:00Z"}])");
  EXPECT_EQ(home.get("/api/feedback/read/eve/talk_x")["Timestamp"].as_string(), "2023-11-15T00:00:00Z");
  EXPECT_THAT(ids(home.get("/api/recommend/eve?n=9")), Contains("talk_x"));
  home.clock.advance(86'400);
  EXPECT_THAT(ids(home.get("/api/recommend/eve?n=9")), Not(Contains("talk_x")));
}

// --- Recommendations and lists.

TEST(GorseRecommend, GivesIdsAndScoresForVersionTwo) {
  ServedHome home;
  fill(home);
  home.train();
  const auto plain = home.get("/api/recommend/eve?n=3");
  ASSERT_EQ(plain.elements().size(), 3U);
  EXPECT_TRUE(plain.elements()[0].is_string());
  const auto scored = home.get("/api/recommend/eve?n=3", {{"X-API-Version", "2"}});
  EXPECT_EQ(ids(scored), ids(plain));
  EXPECT_GT(scored.elements()[0]["Score"].as_number(), scored.elements()[1]["Score"].as_number());
  EXPECT_THAT(ids(plain)[0], HasSubstr("song")) << "others with eve's taste like songs";
}

TEST(GorseRecommend, AUserWhomNobodyKnowsGetsWhatManyLike) {
  ServedHome home;
  fill(home);
  EXPECT_THAT(ids(home.get("/api/recommend/stranger?n=1")), ElementsAre("song_a"));
}

TEST(GorseRecommend, CategoriesAreAllAskedFor) {
  ServedHome home;
  fill(home);
  home.train();
  EXPECT_THAT(ids(home.get("/api/recommend/eve?n=9&category=talk")),
              ::testing::UnorderedElementsAre("talk_x", "talk_y"));
  EXPECT_THAT(ids(home.get("/api/recommend/eve?n=9&category=talk&category=live")), ElementsAre("talk_y"));
  EXPECT_THAT(ids(home.get("/api/recommend/eve/talk?n=9&category=live")), ElementsAre("talk_y"));
  EXPECT_THAT(ids(home.get("/api/latest?category=live")), ElementsAre("talk_y", "song_c"));
  EXPECT_THAT(ids(home.get("/api/latest/music")), ElementsAre("song_c", "song_b", "song_a"));
  EXPECT_THAT(ids(home.get("/api/popular/talk")), ::testing::UnorderedElementsAre("talk_x", "talk_y"));
  EXPECT_THAT(ids(home.get("/api/item/song_a/neighbors/music")), Contains(AnyOf("song_b", "song_c")));
  EXPECT_THAT(ids(home.get("/api/item/song_a/neighbors/talk")), Not(Contains(HasSubstr("song"))));
}

TEST(GorseRecommend, PagesOfOneListDoNotOverlap) {
  ServedHome home;
  std::string items;
  for (int i = 0; i < 40; ++i)
    items += R"(,{"ItemId":"i)" + std::to_string(i) + R"(","Comment":"film )" + std::to_string(i % 5) + "\"}";
  items[0] = '[';
  home.json(kPost, "/api/items", items + "]");
  std::string feedback;
  for (int i = 0; i < 40; i += 2)
    feedback += R"(,{"FeedbackType":"star","UserId":"u)" + std::to_string(i % 7) + R"(","ItemId":"i)" +
                std::to_string(i) + "\"}";
  feedback[0] = '[';
  home.json(kPost, "/api/feedback", feedback + "]");
  home.train();
  const std::string lists[] = {"/api/recommend/u0?", "/api/latest?user-id=u0&", "/api/popular?user-id=u0&",
                               "/api/non-personalized/trending_monthly?user-id=u0&",
                               "/api/item-to-item/similar/i0?user-id=u0&"};
  const auto read = ids(home.get("/api/user/u0/feedback"), "ItemId");
  for (const auto& list : lists) {
    auto seen = read;
    for (int offset = 0; offset < 12; offset += 4) {
      const auto page = ids(home.get(list + "n=4&offset=" + std::to_string(offset)));
      EXPECT_EQ(page.empty() && offset < 8, false) << list << offset;
      for (const auto& id : page) {
        EXPECT_THAT(seen, Not(Contains(id))) << list << offset;
        seen.push_back(id);
      }
    }
  }
}

TEST(GorseRecommend, WriteBackKeepsWhatWasShownFromComingAgain) {
  ServedHome home;
  fill(home);
  const auto first = ids(home.get("/api/recommend/eve?n=2&write-back-type=read"));
  ASSERT_EQ(first.size(), 2U);
  const auto second = ids(home.get("/api/recommend/eve?n=2"));
  for (const auto& id : first) EXPECT_THAT(second, Not(Contains(id)));
  EXPECT_EQ(home.get("/api/user/eve/feedback/read").elements().size(), 2U);
}

TEST(GorseRecommend, WriteBackMayWait) {
  ServedHome home;
  fill(home);
  const auto first = ids(home.get("/api/recommend/eve?n=2&write-back-type=read&write-back-delay=10m"));
  EXPECT_EQ(ids(home.get("/api/recommend/eve?n=2")), first) << "not yet";
  home.clock.advance(600);
  EXPECT_NE(ids(home.get("/api/recommend/eve?n=2")), first);
  EXPECT_EQ(home.ask(kGet, "/api/recommend/eve?write-back-type=read&write-back-delay=soon").status, 400);
}

TEST(GorseRecommend, HiddenAndFutureItemsStayOut) {
  ServedHome home;
  fill(home);
  home.json(kPatch, "/api/item/song_b", R"({"IsHidden":true})");
  home.json(kPatch, "/api/item/song_c", R"({"Timestamp":"2030-01-01T00:00:00Z"})");
  home.refresh();
  for (const auto* list :
       {"/api/recommend/eve?n=9", "/api/latest?n=9", "/api/popular?n=9", "/api/item/song_a/neighbors?n=9"}) {
    const auto found = ids(home.get(list));
    EXPECT_THAT(found, Not(Contains("song_b"))) << list;
    EXPECT_THAT(found, Not(Contains("song_c"))) << list;
  }
}

TEST(GorseRecommend, ASessionIsAnsweredWithoutBeingRemembered) {
  ServedHome home;
  fill(home);
  home.train();
  const auto scores =
      home.json(kPost, "/api/session/recommend?n=2",
                R"([{"FeedbackType":"star","UserId":"","ItemId":"song_a","Timestamp":"2023-11-14T00:00:00Z"}])");
  EXPECT_THAT(ids(scores)[0], HasSubstr("song"));
  EXPECT_THAT(ids(scores), Not(Contains("song_a")));
  EXPECT_THAT(ids(home.json(kPost, "/api/session/recommend/talk", R"([{"ItemId":"song_a"}])")), Contains("talk_x"));
  EXPECT_EQ(home.get("/api/feedback?n=100")["Feedback"].elements().size(), 12U);
}

TEST(GorseRecommend, ASessionsHistoryIsWhatItLikes) {
  ServedHome home({.gorse = {.feedback = {.negative = "hide"}}});
  fill(home);
  home.json(kPost, "/api/feedback", R"([
    {"FeedbackType":"star","UserId":"fay","ItemId":"talk_x"},{"FeedbackType":"star","UserId":"fay","ItemId":"talk_y"},
    {"FeedbackType":"star","UserId":"gil","ItemId":"talk_x"},{"FeedbackType":"star","UserId":"gil","ItemId":"talk_y"}])");
  home.refresh();
  home.train();
  const auto scores = home.json(kPost, "/api/session/recommend?n=9", R"([{"FeedbackType":"read","ItemId":"talk_x"},
      {"FeedbackType":"hide","ItemId":"talk_y"},{"FeedbackType":"star","ItemId":"song_a"}])");
  EXPECT_THAT(ids(scores), ::testing::UnorderedElementsAre("song_b", "song_c")) << "none of it comes again";
  const auto read =
      ids(home.json(kPost, "/api/session/recommend?n=1", R"([{"FeedbackType":"read","ItemId":"talk_x"}])"));
  EXPECT_THAT(read, ElementsAre("talk_y")) << "where nothing is liked, what was read counts";
  EXPECT_EQ(home.ask(kPost, "/api/session/recommend", R"([{"FeedbackType":"read"}])").status, 400);
}

TEST(GorseRecommend, CollaborativeFilteringIsThatAlone) {
  ServedHome home;
  fill(home);
  home.json(kPost, "/api/item", R"({"ItemId":"untouched","Categories":["music"]})");
  home.train();
  EXPECT_THAT(ids(home.get("/api/recommend/eve?n=9")), Contains("untouched"));
  const auto found = ids(home.get("/api/collaborative-filtering/eve?n=9"));
  EXPECT_THAT(found, Not(Contains("untouched"))) << "the fresh and the popular are not among them";
  EXPECT_THAT(found, Contains("song_b"));
  EXPECT_THAT(ids(home.get("/api/collaborative-filtering/stranger")), IsEmpty());
}

TEST(GorseRecommend, WhatNoSourceOffersComesLastSoThatAListIsAsLongAsAsked) {
  ServedHome home;
  fill(home);
  home.json(kPost, "/api/feedback", R"([{"FeedbackType":"read","UserId":"ann","ItemId":"old"}])");
  home.refresh();
  const auto all = ids(home.get("/api/recommend/stranger?n=9"));
  EXPECT_EQ(all.size(), 6U);
  EXPECT_EQ(all.back(), "old");
  EXPECT_EQ(ids(home.get("/api/recommend/stranger?n=2&offset=4")), (std::vector<std::string>{all[4], all[5]}));
}

TEST(GorseLists, LatestScoresAreUnixTimes) {
  ServedHome home;
  fill(home);
  const auto latest = home.get("/api/latest?n=2");
  EXPECT_EQ(latest.dump(), R"([{"Id":"talk_y","Score":1682899200},{"Id":"talk_x","Score":1680307200}])");
}

TEST(GorseLists, HaveWindowsByTheirName) {
  ServedHome home;
  fill(home);
  EXPECT_EQ(ids(home.get("/api/non-personalized/popular?n=9")).size(), 5U);
  EXPECT_THAT(ids(home.get("/api/non-personalized/most_starred_weekly?n=9")),
              ElementsAre("song_a", "song_c", "song_b"));
  const auto none = home.ask(kGet, "/api/non-personalized/strange");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr("trending"));
}

TEST(GorseNeighbours, AreLikeTheItemOrTheUser) {
  ServedHome home;
  fill(home);
  home.train();
  for (const auto* route :
       {"/api/item-to-item/similar/song_a", "/api/item/song_a/neighbors", "/api/item/song_a/neighbors/"}) {
    const auto near = home.get(route);
    ASSERT_FALSE(near.elements().empty()) << route;
    EXPECT_THAT(ids(near)[0], AnyOf("song_b", "song_c")) << route;
  }
  for (const auto* route : {"/api/user-to-user/similar/ann", "/api/user/ann/neighbors", "/api/user/ann/neighbors/"})
    EXPECT_THAT(ids(home.get(route)), ElementsAre("bob", "cat", "eve")) << route;
  EXPECT_EQ(home.ask(kGet, "/api/item-to-item/similar/nothing").status, 404);
}

// --- Keys, health, bulk.

TEST(GorseKey, IsAskedForEverywhereButForHealth) {
  ServedHome home({.api_key = "open sesame"});
  const http::Headers right = {{"X-API-Key", "open sesame"}};
  for (const auto& route : home.router().routes()) {
    const bool guarded = (route.pattern.starts_with("/api/") && !route.pattern.starts_with("/api/health/")) ||
                         route.pattern == "/metrics";
    if (!guarded) continue;
    EXPECT_EQ(home.ask(route.method, route.pattern).status, 401) << route.pattern;
    EXPECT_EQ(home.ask(route.method, route.pattern, {}, {{"X-API-Key", "open sesamf"}}).status, 401) << route.pattern;
    EXPECT_NE(home.ask(route.method, route.pattern, {}, right).status, 401) << route.pattern;
  }
  EXPECT_EQ(home.ask(kGet, "/api/health/live").status, 200);
  EXPECT_EQ(home.ask(kGet, "/api/users", {}, right).status, 200);
}

TEST(GorseKey, NeitherTheRightNorTheWrongOneIsToldToAnybody) {
  ServedHome home({.api_key = "open-sesame-7391"});
  ::testing::internal::CaptureStderr();
  const auto answer = home.ask(kGet, "/api/users", {}, {{"X-API-Key", "wrong-sesame-2846"}});
  const auto log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(answer.status, 401);
  for (const auto* key : {"open-sesame-7391", "wrong-sesame-2846"}) {
    EXPECT_THAT(log, Not(HasSubstr(key)));
    EXPECT_THAT(answer.body, Not(HasSubstr(key)));
  }
}

TEST(GorseSettings, ARuleThatCannotBeReadStopsTheStartAndNamesTheFile) {
  const TemporaryFolder folder;
  const auto home = (folder / "home").string();
  std::ofstream(folder / "items.jsonl") << "{\"id\":\"a\",\"title\":\"A\"}\n";
  ASSERT_EQ(run_program({"--home", home, "import", "jsonl", (folder / "items.jsonl").string()}).exit_code, 0);
  std::ofstream(folder / "home" / "zhiyin.toml") << "[gorse]\npositive = \"star, read>=often\"\n";
  const auto run = run_program({"--home", home, "serve", "--port", "0"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("zhiyin.toml"));
  EXPECT_THAT(run.errors, HasSubstr("read>=often"));
}

TEST(GorseHealth, SaysThatTheStoresAreThere) {
  ServedHome home;
  const auto ready = home.get("/api/health/ready");
  for (const auto* member : {"Ready", "DataStoreConnected", "CacheStoreConnected"})
    EXPECT_TRUE(ready[member].as_bool()) << member;
  EXPECT_TRUE(ready["DataStoreError"].is_null());
}

TEST(GorseBulk, WhatGoesOutComesInAgain) {
  ServedHome from;
  fill(from);
  ServedHome to;
  for (const auto* what : {"users", "items", "feedback"}) {
    const auto target = std::string("/api/bulk/") + what;
    const auto lines = from.ask(kGet, target);
    EXPECT_THAT(std::string(lines.headers.get("Content-Type").value()), HasSubstr("jsonl"));
    const std::string form = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n" +
                             lines.body + "\r\n--X--\r\n";
    to.json(kPost, target, form, {{"Content-Type", "multipart/form-data; boundary=X"}});
    EXPECT_EQ(to.ask(kGet, target).body, lines.body) << what;
    to.json(kPost, target, lines.body);
    EXPECT_EQ(to.ask(kGet, target).body, lines.body) << what << " once more changes nothing";
  }
  EXPECT_THAT(to.ask(kPost, "/api/bulk/items", "{\"ItemId\":\"a\"}\n{broken").body, HasSubstr("line 2"));
}

TEST(GorseOpenApi, DescribesTheParametersOfItsPaths) {
  ServedHome home;
  const auto description = home.get("/openapi.json");
  const auto& route = description["paths"]["/api/feedback/{feedback-type}/{user-id}/{item-id}"]["get"];
  ASSERT_EQ(route["parameters"].elements().size(), 3U);
  EXPECT_EQ(route["parameters"].elements()[2]["name"].as_string(), "item-id");
}

}  // namespace
}  // namespace zhiyin
