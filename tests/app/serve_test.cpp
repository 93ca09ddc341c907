// The real program: a home filled by the verbs, served on a free port, asked over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <limits>
#include <thread>

#include "base/file.h"
#include "base/http/client.h"
#include "base/json.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using ::testing::HasSubstr;

class Served : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_ / "world.jsonl") << R"({"id":"cat_a","title":"A cat plays","tags":["animals"]}
{"id":"cat_b","title":"A cat sleeps","tags":["animals"]}
{"id":"知/音","title":"高山流水","tags":["music"],"creator":"伯牙"}
{"type":"like","user":"ann","item":"cat_a","time":1000}
{"type":"like","user":"bob","item":"cat_a","time":1001}
{"type":"like","user":"bob","item":"cat_b","time":1002}
)";
    ASSERT_EQ(run_program({"--home", home(), "import", "jsonl", (folder_ / "world.jsonl").string()}).exit_code, 0);
    ASSERT_EQ(run_program({"--home", home(), "train"}).exit_code, 0);
    start();
  }

  std::string home() const { return (folder_ / "home").string(); }

  void start() {
    server_ = std::make_unique<BackgroundProgram>(std::vector<std::string>{"--home", home(), "serve", "--port", "0"});
    const auto line = server_->read_line();
    const auto colon = line.rfind(':');
    ASSERT_NE(colon, std::string::npos) << line;
    port_ = std::stoi(line.substr(colon + 1));
  }

  http::Response ask(http::Method method, const std::string& target, const std::string& body = {}) {
    auto client = http::Client::connect("127.0.0.1", port_).value();
    auto answer = client->request(method, target, body);
    if (!answer.ok()) throw std::runtime_error(answer.error().message);
    return *answer;
  }
  Json json(http::Method method, const std::string& target, const std::string& body = {}) {
    return Json::parse(ask(method, target, body).body).value();
  }

  TemporaryFolder folder_;
  std::unique_ptr<BackgroundProgram> server_;
  int port_ = 0;
};

using enum http::Method;

TEST_F(Served, RecommendsWithReasonsAndTheNextAnswerReflectsAnEvent) {
  const auto before = json(kGet, "/v1/recommend?user=ann&n=5");
  ASSERT_FALSE(before["items"].elements().empty());
  EXPECT_FALSE(before["items"].elements()[0]["reason"].as_string().empty());
  const auto next = before["items"].elements()[0]["id"].as_string();
  const auto accepted =
      json(kPost, "/v1/events", R"([{"type":"dislike","user":"ann","item":")" + std::string(next) + R"("}])");
  EXPECT_EQ(accepted["accepted"].as_integer(), 1);
  const auto after = json(kGet, "/v1/recommend?user=ann&n=5");
  for (const auto& item : after["items"].elements()) EXPECT_NE(item["id"].as_string(), next);
}

TEST_F(Served, AnAcknowledgedEventIsThereAfterKill9) {
  const auto acknowledged = json(kPost, "/v1/events", R"([{"id":"e1","type":"like","user":"eve","item":"cat_b"}])");
  EXPECT_EQ(acknowledged["accepted"].as_integer(), 1);
  server_->kill(SIGKILL);
  start();
  EXPECT_EQ(json(kGet, "/v1/users/eve")["events"].as_integer(), 1);
  EXPECT_EQ(json(kPost, "/v1/events", R"([{"id":"e1","type":"like","user":"eve","item":"cat_b"}])")["duplicates"]
                .as_integer(),
            1);
}

TEST_F(Served, RowsAtFaultAreNamedAndTheOthersCount) {
  const auto answer = json(kPost, "/v1/events", R"([{"type":"like","user":"ann","item":"cat_b"},
      {"type":"liek","user":"ann","item":"cat_b"},
      {"type":"like","user":"ann","item":"nothing"},
      {"type":"like","user":"ann","item":"cat_b","time":-1}])");
  EXPECT_EQ(answer["accepted"].as_integer(), 1);
  const auto& rejected = answer["rejected"].elements();
  ASSERT_EQ(rejected.size(), 3U);
  EXPECT_EQ(rejected[0]["index"].as_integer(), 1);
  EXPECT_EQ(rejected[0]["field"].as_string(), "type");
  EXPECT_EQ(rejected[1]["field"].as_string(), "item");
  EXPECT_EQ(rejected[2]["field"].as_string(), "time");
}

TEST_F(Served, EventsMayComeAsLines) {
  const auto answer = json(kPost, "/v1/events",
                           "{\"type\":\"like\",\"user\":\"zoe\",\"item\":\"cat_a\"}\n{\"type\":\"view\",\"user\":"
                           "\"zoe\",\"item\":\"cat_b\",\"value\":0.9}\n");
  EXPECT_EQ(answer["accepted"].as_integer(), 2);
}

TEST_F(Served, ALineAtFaultCostsItself) {
  auto client = http::Client::connect("127.0.0.1", port_).value();
  const std::string lines =
      "{\"type\":\"like\",\"user\":\"zoe\",\"item\":\"cat_a\"}\n{\"type\":\n"
      "{\"type\":\"comment\",\"user\":\"zoe\",\"item\":\"cat_a\",\"text\":\"\xff\"}\n"
      "{\"type\":\"view\",\"user\":\"zoe\",\"item\":\"cat_b\",\"value\":1e999}\n"
      "{\"type\":\"view\",\"user\":\"zoe\",\"item\":\"cat_b\",\"value\":1}";
  const auto answer = Json::parse(client->post("/v1/events", lines, "application/x-ndjson")->body).value();
  EXPECT_EQ(answer["accepted"].as_integer(), 2);
  std::vector<std::int64_t> rejected;
  for (const auto& row : answer["rejected"].elements()) rejected.push_back(row["index"].as_integer());
  EXPECT_EQ(rejected, (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_F(Served, BytesThatAreNotUtf8AreRefused) {
  EXPECT_EQ(ask(kPost, "/v1/events", "[{\"type\":\"like\",\"user\":\"\xc3\x28\",\"item\":\"cat_a\"}]").status, 400);
}

TEST_F(Served, AGuestBecomesAUserAtLogin) {
  (void)json(kPost, "/v1/events", R"([{"type":"like","user":"guest:g1","item":"cat_b"}])");
  const auto merged = json(kPost, "/v1/users/eve/merge", R"({"guest":"g1"})");
  EXPECT_EQ(merged["offset"].as_integer(), 5);
  EXPECT_EQ(json(kGet, "/v1/users/eve")["history"].elements().at(0)["item"].as_string(), "cat_b");
  EXPECT_EQ(ask(kGet, "/v1/users/guest%3Ag1").status, 404);
  EXPECT_EQ(json(kPost, "/v1/users/eve/merge", R"({"gast":"g1"})")["error"]["field"].as_string(), "gast");
  EXPECT_EQ(json(kPost, "/v1/users/guest%3Ag2/merge", R"({"guest":"g1"})")["error"]["field"].as_string(), "id");
  EXPECT_EQ(json(kPost, "/v1/events", R"([{"type":"merge","user":"eve","text":"guest:g1"}])")["rejected"]
                .elements()
                .at(0)["field"]
                .as_string(),
            "type");
  server_->kill(SIGKILL);
  start();
  EXPECT_EQ(json(kGet, "/v1/users/eve")["history"].elements().size(), 1U);
}

TEST_F(Served, AFullDiskRefusesWritesAndReadsGoOn) {
  const auto like = [](int i) {
    return R"([{"type":"comment","user":"ann","item":"cat_b","text":")" + std::string(9000, 'x') + R"(","id":")" +
           std::to_string(i) + R"("}])";
  };
  ASSERT_EQ(json(kPost, "/v1/events", like(0))["accepted"].as_integer(), 1);
  server_->limit_file_size(std::filesystem::file_size(folder_ / "home" / "events.db-wal") + 20'000);
  int accepted = 1;
  auto answer = ask(kPost, "/v1/events", like(1));
  for (; answer.status == 200 && accepted < 100; ++accepted) answer = ask(kPost, "/v1/events", like(accepted + 1));
  EXPECT_EQ(answer.status, 507) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("no space"));
  EXPECT_EQ(ask(kGet, "/v1/recommend?user=ann&n=5").status, 200);
  server_->limit_file_size(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(json(kPost, "/v1/events", like(accepted))["accepted"].as_integer(), 1)
      << "what was refused is no duplicate";
  server_->kill(SIGKILL);
  start();
  EXPECT_EQ(json(kGet, "/healthz")["events"].as_integer(), 3 + accepted + 1);
}

TEST_F(Served, UnknownIdsAreNotFound) {
  for (const auto* target : {"/v1/recommend?user=nobody", "/v1/items/nothing", "/v1/items/nothing/similar",
                             "/v1/items/cat_a/media", "/v1/items/cat_a/cover", "/v1/users/nobody", "/v1/nothing"}) {
    EXPECT_EQ(ask(kGet, target).status, 404) << target;
  }
}

TEST_F(Served, WrongRequestsAreRefusedWithTheField) {
  EXPECT_EQ(ask(kPost, "/v1/recommend", "{not json").status, 400);
  EXPECT_EQ(ask(kGet, "/v1/recommend?user=ann&n=0").status, 400);
  EXPECT_EQ(ask(kGet, "/v1/recommend").status, 400);
  EXPECT_EQ(ask(kPost, "/v1/events", "[1,2").status, 400);
  EXPECT_EQ(ask(kPost, "/v1/events", "[{\"type\":\"like\",\"user\":\"\xff\",\"item\":\"cat_a\"}]").status, 400)
      << "not UTF-8";
  EXPECT_EQ(json(kGet, "/v1/recommend?user=ann&n=x")["error"]["field"].as_string(), "n");
  auto client = http::Client::connect("127.0.0.1", port_).value();
  ASSERT_TRUE(client->send("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n").ok());
  EXPECT_EQ(client->receive(kPost).value().status, 413) << "refused before the body is sent";
}

TEST_F(Served, ItemsArePutPatchedFoundAndRemoved) {
  EXPECT_EQ(ask(kPut, "/v1/items/new%2Fone", R"({"title":"Violin lesson","tags":["music"]})").status, 200);
  EXPECT_EQ(json(kGet, "/v1/items/new%2Fone")["title"].as_string(), "Violin lesson");
  EXPECT_EQ(json(kGet, "/v1/search?q=violin")["items"].elements().at(0)["id"].as_string(), "new/one");
  EXPECT_EQ(ask(kPatch, "/v1/items/new%2Fone", R"({"title":"Cello lesson"})").status, 200);
  EXPECT_EQ(json(kGet, "/v1/search?q=cello")["items"].elements().at(0)["id"].as_string(), "new/one");
  EXPECT_EQ(ask(kPut, "/v1/items/bad", R"({"titel":"x"})").status, 400);
  EXPECT_EQ(ask(kDelete, "/v1/items/new%2Fone").status, 200);
  EXPECT_EQ(ask(kGet, "/v1/items/new%2Fone").status, 404);
}

TEST_F(Served, ChineseIdsAndReasonsTravelWell) {
  EXPECT_EQ(json(kGet, "/v1/items/%E7%9F%A5%2F%E9%9F%B3")["creator"].as_string(), "伯牙");
  const auto answer = json(kGet, "/v1/recommend?guest=g1&n=3&lang=zh");
  EXPECT_THAT(std::string(answer["items"].elements().at(0)["reason"].as_string()), HasSubstr("喜欢"));
}

TEST_F(Served, AUserWithoutEventsIsKnownOncePut) {
  EXPECT_EQ(ask(kPut, "/v1/users/new", R"({"name":"New"})").status, 200);
  EXPECT_EQ(ask(kGet, "/v1/recommend?user=new").status, 200);
}

TEST_F(Served, TellsItsHealthItsNumbersAndItsRoutes) {
  EXPECT_EQ(json(kGet, "/healthz")["status"].as_string(), "ok");
  (void)ask(kGet, "/v1/recommend?user=ann");
  EXPECT_THAT(ask(kGet, "/metrics").body, HasSubstr("zhiyin_http_requests_total"));
  const auto description = json(kGet, "/openapi.json");
  EXPECT_TRUE(description["paths"]["/v1/recommend"].has("post"));
}

TEST_F(Served, TrainingElsewhereReachesTheServer) {
  const auto before = json(kGet, "/healthz")["snapshot"];
  ASSERT_EQ(json(kPost, "/v1/events", R"([{"type":"like","user":"ann","item":"cat_b"}])")["accepted"].as_integer(), 1);
  ASSERT_EQ(run_program({"--home", home(), "train"}).exit_code, 0);
  bool swapped = false;
  for (int i = 0; i < 100 && !swapped; ++i) {
    swapped = json(kGet, "/healthz")["snapshot"].as_string() != before.as_string();
    if (!swapped) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(swapped);
}

TEST_F(Served, WhatEachSourceEarnedIsShown) {
  const auto slate = json(kGet, "/v1/recommend?user=ann&n=1");
  const auto& item = slate["items"].elements().at(0);
  const auto event = Json::object(
      {{"type", "like"}, {"user", "ann"}, {"item", item["id"]}, {"recommendation", slate["recommendation"]}});
  ASSERT_EQ(json(kPost, "/v1/events", event.dump())["accepted"].as_integer(), 1);
  EXPECT_THAT(ask(kGet, "/metrics").body,
              HasSubstr("zhiyin_outcomes_total{source=\"" + std::string(item["source"].as_string()) +
                        "\",outcome=\"liked\"} 1"));
  const auto inspected = run_program({"--home", home(), "--json", "inspect", "events"});
  const auto document = Json::parse(inspected.output).value();
  EXPECT_EQ(document["sources"][item["source"].as_string()]["liked"].as_integer(), 1);
  EXPECT_EQ(document["types"]["like"]["events"].as_integer(), 4);
  EXPECT_EQ(document["types"]["dislike"]["weight"].as_number(), -1);
}

TEST_F(Served, AnswersOfAServerThatWasStartedAnewHaveIdsOfTheirOwn) {
  const auto first = json(kGet, "/v1/recommend?user=ann&n=1")["recommendation"];
  server_->kill(SIGTERM);
  start();
  EXPECT_NE(json(kGet, "/v1/recommend?user=ann&n=1")["recommendation"].as_string(), first.as_string());
}

TEST_F(Served, AHomeOfANewerVersionIsRefusedWithAWord) {
  server_.reset();
  for (const auto* file : {"events.db", "catalogue.db"}) {
    const auto path = (folder_ / "home" / file).string();
    const auto before = read_file(path).value();
    auto newer = before;
    newer[63] = 99;  // the version of the schema, big-endian at byte 60 of SQLite's header
    ASSERT_TRUE(write_file_atomic(path, newer).ok());
    const auto refused = run_program({"--home", home(), "serve", "--port", "0"});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.errors, HasSubstr(std::string(file) + ": was written by a newer version of zhiyin"));
    ASSERT_TRUE(write_file_atomic(path, before).ok());
  }
}

TEST(Torture, NothingAcknowledgedIsLostWhenTheServerIsKilled) {
  const auto run = run_program({"--json", "bench", "torture", "--rounds", "2"});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const auto results = Json::parse(run.output).value()["results"];
  EXPECT_GT(results["acknowledged"].as_integer(), 0);
  EXPECT_EQ(results["lost"].as_integer(), 0);
  EXPECT_EQ(results["twice"].as_integer(), 0);
}

TEST_F(Served, AnImportBesideTheServerReachesItsAnswers) {
  std::ofstream(folder_ / "more.jsonl") << R"({"type":"like","user":"zoe","item":"cat_a","time":1003})";
  ASSERT_EQ(run_program({"--home", home(), "import", "jsonl", (folder_ / "more.jsonl").string()}).exit_code, 0);
  int status = 404;
  for (int i = 0; i < 100 && status != 200; ++i) {
    status = ask(kGet, "/v1/users/zoe").status;
    if (status != 200) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(status, 200);
}

TEST_F(Served, APortInUseIsNamed) {
  const auto second = run_program({"--home", home(), "serve", "--port", std::to_string(port_)});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.errors, HasSubstr(std::to_string(port_)));
}

}  // namespace
}  // namespace zhiyin
