// Pages that never repeat, sessions, batches, and lists that are the same for everybody, over /v1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "support/served_home.h"

namespace zhiyin {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using enum http::Method;

std::vector<std::string> ids(const Json& list) {
  std::vector<std::string> found;
  for (const auto& one : list.elements()) found.emplace_back(one["id"].as_string());
  return found;
}

std::string event(std::string_view type, std::string_view user, std::string_view item, UnixSeconds time) {
  return Json::object({{"type", type}, {"user", user}, {"item", item}, {"time", time}}).dump() + "\n";
}

constexpr UnixSeconds kNow = 1'700'000'000;
constexpr int kItems = 60;

// Sixty films of three kinds; the users of each third like films of one kind.
void fill(ServedHome& home) {
  std::string feedback;
  for (int i = 0; i < kItems; ++i) {
    const auto kind = std::string(i % 3 == 0 ? "western" : i % 3 == 1 ? "comedy" : "opera");
    home.json(kPut, "/v1/items/f" + std::to_string(i),
              Json::object({{"title", "A " + kind + " " + std::to_string(i)},
                            {"tags", Json::array({kind, i % 2 == 0 ? "old" : "new"})},
                            {"time", kNow - i * 3600}})
                  .dump());
    for (int user = i % 3; user < 12; user += 3) {
      if ((i + user) % 4 != 0)
        feedback += event("like", "u" + std::to_string(user), "f" + std::to_string(i), kNow - 100 * i);
    }
  }
  feedback += event("like", "ann", "f0", kNow - 5) + event("like", "ann", "f3", kNow - 4);
  home.json(kPost, "/v1/events", feedback);
  home.train();
}

TEST(Paging, ShowsEverythingOnceAndThenEnds) {
  ServedHome home;
  fill(home);
  std::set<std::string> seen;
  std::string next;
  int pages = 0;
  do {
    const auto page = home.get("/v1/recommend?user=ann&n=7" + (next.empty() ? "" : "&next=" + next));
    for (const auto& id : ids(page["items"])) EXPECT_TRUE(seen.insert(id).second) << id << " on page " << pages;
    next = page["next"].as_string();
    ++pages;
  } while (!next.empty() && pages < 20);
  EXPECT_EQ(seen.size(), kItems - 2U) << "all but what ann has seen";
  EXPECT_EQ(pages, 9);
}

TEST(Paging, HoldsWhateverHappensInBetween) {
  ServedHome home;
  fill(home);
  const auto first = home.get("/v1/recommend?user=ann&n=10");
  const auto shown = ids(first["items"]);
  const auto next = std::string(first["next"].as_string());
  // A change of taste, new items, another model, another process.
  home.json(kPost, "/v1/events",
            event("dislike", "ann", "f0", kNow) + event("like", "ann", "f1", kNow) + event("like", "ann", "f4", kNow));
  home.json(kPut, "/v1/items/fresh", R"({"title":"A comedy of today","tags":["comedy"]})");
  home.train();
  home.restart();
  home.clock.advance(3600);
  const auto second = home.get("/v1/recommend?user=ann&n=40&next=" + next);
  EXPECT_EQ(second["items"].elements().size(), 40U);
  for (const auto& id : ids(second["items"])) EXPECT_THAT(shown, Not(Contains(id)));
}

TEST(Paging, ATokenThatIsNoneIsRefusedWithTheField) {
  ServedHome home;
  fill(home);
  const auto next = std::string(home.get("/v1/recommend?user=ann&n=10")["next"].as_string());
  const auto refused = [&](const std::string& target) {
    const auto answer = home.ask(kGet, target);
    EXPECT_EQ(answer.status, 400) << target;
    EXPECT_EQ(Json::parse(answer.body).value()["error"]["field"].as_string(), "next") << answer.body;
    return answer.body;
  };
  EXPECT_THAT(refused("/v1/recommend?user=ann&next=abc"), HasSubstr("ask again without it"));
  for (std::size_t cut = 1; cut < next.size(); ++cut) refused("/v1/recommend?user=ann&next=" + next.substr(0, cut));
  auto garbled = next;
  garbled[next.size() / 2] = garbled[next.size() / 2] == 'A' ? 'B' : 'A';
  refused("/v1/recommend?user=ann&next=" + garbled);
  EXPECT_THAT(refused("/v1/recommend?user=u1&next=" + next), HasSubstr("another user"));
  home.clock.advance(86'401);
  EXPECT_THAT(refused("/v1/recommend?user=ann&next=" + next), HasSubstr("a day old"));
}

TEST(Paging, NoGarbleGoesThroughOrDoesHarm) {
  ServedHome home;
  fill(home);
  const auto next = std::string(home.get("/v1/recommend?user=ann&n=20")["next"].as_string());
  Random random(7);
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (int round = 0; round < 300; ++round) {
    auto garbled = next;
    for (int change = 0; change < 3; ++change) {
      const auto digit = kDigits[random.below(static_cast<std::uint32_t>(kDigits.size()))];
      garbled[random.below(static_cast<std::uint32_t>(garbled.size() - 2))] = digit;
    }
    EXPECT_EQ(home.ask(kGet, "/v1/recommend?user=ann&next=" + garbled).status, garbled == next ? 200 : 400) << garbled;
  }
}

TEST(Paging, AGuestPagesToo) {
  ServedHome home;
  fill(home);
  const auto first = home.get("/v1/recommend?guest=g1&n=5");
  const auto second = home.get("/v1/recommend?guest=g1&n=5&next=" + std::string(first["next"].as_string()));
  for (const auto& id : ids(second["items"])) EXPECT_THAT(ids(first["items"]), Not(Contains(id)));
}

TEST(Sessions, TheItemsOfASessionAreItsHistory) {
  ServedHome home;
  fill(home);
  const auto slate = home.json(kPost, "/v1/recommend", R"({"items":["f2","f5","unknown"],"n":3})");
  for (const auto& one : slate["items"].elements())
    EXPECT_THAT(std::string(one["attributes"]["title"].as_string()), HasSubstr("opera"));
  EXPECT_THAT(ids(slate["items"]), Not(Contains("f2")));
  EXPECT_THAT(ids(home.get("/v1/recommend?guest=g&items=f2&items=f5&n=3")["items"]), Not(Contains("f5")));
  EXPECT_EQ(home.ask(kGet, "/v1/users/guest:g").status, 404) << "nothing was remembered";
}

TEST(Filters, TagsAreAllAskedForAndExclusionsHold) {
  ServedHome home;
  fill(home);
  const auto slate = home.json(kPost, "/v1/recommend",
                               R"({"user":"ann","n":30,"exclude":["f6"],"filter":{"tags":["western","old"]}})");
  EXPECT_THAT(ids(slate["items"]), Not(IsEmpty()));
  for (const auto& one : slate["items"].elements())
    EXPECT_THAT(one["attributes"]["tags"].dump(), R"(["western","old"])");
  EXPECT_THAT(ids(slate["items"]), Not(Contains("f6")));
  EXPECT_EQ(ids(home.get("/v1/recommend?user=ann&n=30&category=western&category=old&exclude=f6")["items"]).size(),
            ids(slate["items"]).size());
}

TEST(Filters, AMistypedFieldIsNamed) {
  ServedHome home;
  const auto wrong = [&](const char* body) { return home.ask(kPost, "/v1/recommend", body); };
  EXPECT_EQ(wrong(R"({"user":"ann","exlcude":["f1"]})").status, 400);
  EXPECT_THAT(wrong(R"({"user":"ann","exlcude":["f1"]})").body, HasSubstr("exclude"));
  EXPECT_THAT(wrong(R"({"user":"ann","filter":{"tag":["x"]}})").body, HasSubstr("tags"));
  EXPECT_EQ(wrong(R"({"user":"ann","exclude":[1]})").status, 400);
  EXPECT_EQ(wrong(R"({"user":"ann","guest":"g"})").status, 400);
  EXPECT_EQ(wrong("{}").status, 400);
}

TEST(Batches, AnswerEachUserAndOneAtFaultCostsOnlyItself) {
  ServedHome home;
  fill(home);
  const auto batch = home.json(kPost, "/v1/recommend", R"({"users":["ann","nobody","u1"],"n":3})");
  const auto& results = batch["results"].elements();
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0]["user"].as_string(), "ann");
  EXPECT_EQ(results[0]["items"].elements().size(), 3U);
  EXPECT_FALSE(results[0]["next"].is_null());
  EXPECT_FALSE(results[1]["error"]["message"].as_string().empty());
  EXPECT_EQ(results[2]["items"].elements().size(), 3U);
  EXPECT_EQ(home.ask(kPost, "/v1/recommend", R"({"users":[]})").status, 400);
}

TEST(Lists, LatestIsByTimeAndWindow) {
  ServedHome home;
  fill(home);
  EXPECT_THAT(ids(home.get("/v1/latest?n=3")["items"]), ElementsAre("f0", "f1", "f2"));
  EXPECT_THAT(ids(home.get("/v1/latest?window=2h")["items"]), ElementsAre("f0", "f1", "f2"));
  EXPECT_THAT(ids(home.get("/v1/latest?category=opera&category=new&n=2")["items"]), ElementsAre("f5", "f11"));
  EXPECT_THAT(ids(home.get("/v1/latest?user=ann&n=2")["items"]), ElementsAre("f1", "f2"));
  EXPECT_THAT(ids(home.get("/v1/latest?n=2&offset=2&exclude=f1")["items"]), ElementsAre("f3", "f4"));
}

TEST(Lists, PopularCountsPeopleAndAWindowOnlyThoseOfIt) {
  ServedHome home;
  for (const auto* id : {"old_hit", "new_hit"}) home.json(kPut, std::string("/v1/items/") + id, R"({"title":"x"})");
  home.json(kPost, "/v1/events",
            event("like", "a", "old_hit", kNow - 900'000) + event("like", "b", "old_hit", kNow - 900'000) +
                event("like", "c", "old_hit", kNow - 900'000) + event("like", "a", "new_hit", kNow - 60) +
                event("like", "b", "new_hit", kNow - 7200) + event("dislike", "c", "new_hit", kNow));
  const auto popular = home.get("/v1/popular");
  EXPECT_THAT(ids(popular["items"]), ElementsAre("old_hit", "new_hit"));
  EXPECT_EQ(popular["items"].elements()[0]["score"].as_number(), 3);
  EXPECT_THAT(ids(home.get("/v1/popular?window=1d")["items"]), ElementsAre("new_hit"));
  EXPECT_EQ(home.get("/v1/popular?window=1h")["items"].elements()[0]["score"].as_number(), 1);
  EXPECT_THAT(ids(home.get("/v1/trending")["items"]), ElementsAre("new_hit"));
  EXPECT_THAT(ids(home.get("/v1/trending?window=30d")["items"]), ElementsAre("new_hit", "old_hit"));
}

TEST(Lists, AWindowThatIsNoneIsNamed) {
  ServedHome home;
  for (const auto* window : {"", "soon", "7x", "-3h", "1e99d"}) {
    const auto answer = home.ask(kGet, std::string("/v1/popular?window=") + window);
    EXPECT_EQ(answer.status, 400) << window;
    EXPECT_THAT(answer.body, HasSubstr("\"window\"")) << window;
  }
}

TEST(SimilarUsers, ShareWhatFewOthersLike) {
  ServedHome home;
  fill(home);
  const auto similar = home.get("/v1/users/ann/similar?n=3");
  ASSERT_EQ(similar["users"].elements().size(), 3U);
  for (const auto& user : similar["users"].elements()) {
    EXPECT_THAT((std::vector<std::string>{"u0", "u3", "u6", "u9"}), Contains(std::string(user["id"].as_string())));
    EXPECT_GT(user["score"].as_number(), 0);
    EXPECT_LE(user["score"].as_number(), 1);
  }
  EXPECT_EQ(home.ask(kGet, "/v1/users/nobody/similar").status, 404);
}

TEST(Retractions, TakeBackWhatWasDoneForTheNextAnswerAndTheNextTraining) {
  ServedHome home;
  fill(home);
  EXPECT_THAT(ids(home.get("/v1/popular?n=60&category=western")["items"]), Contains("f3"));
  std::string back;
  for (const auto* user : {"ann", "u0", "u3", "u6", "u9"}) back += event("retraction", user, "f3", kNow);
  home.json(kPost, "/v1/events", back);
  EXPECT_THAT(ids(home.get("/v1/popular?n=60&category=western")["items"]), Not(Contains("f3")));
  const auto ann = home.get("/v1/users/ann");
  for (const auto& touched : ann["history"].elements()) EXPECT_NE(touched["item"].as_string(), "f3");
  home.train();
  EXPECT_THAT(ids(home.get("/v1/popular?n=60&category=western")["items"]), Not(Contains("f3")));
  home.restart();
  EXPECT_THAT(ids(home.get("/v1/popular?n=60&category=western")["items"]), Not(Contains("f3"))) << "after a replay";
}

}  // namespace
}  // namespace zhiyin
