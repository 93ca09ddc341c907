// An endpoint that speaks OpenAI's protocol, against a server of this process that speaks it too: well, slowly,
// wrongly, or not at all. Whatever it does, an item never fails because of it.
#include <gmock/gmock.h>

#include <cmath>
#include <condition_variable>
#include <cstdlib>

#include "base/clock.h"
#include "support/fake_endpoint.h"
#include "support/temporary_folder.h"
#include "understand/embed/remote/reader_sense.h"
#include "understand/embed/remote/remote_text_encoder.h"
#include "understand/embed/senses.h"

namespace zhiyin {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class EndpointTest : public testing::Test {
 protected:
  EndpointOptions options() {
    return {.url = server.url(),
            .model = "embedder",
            .chat_model = "chatter",
            .requests_per_minute = 60'000,
            .timeout_s = 5,
            .first_pause_s = 0.01};
  }
  std::shared_ptr<const Endpoint> open() { return open(options()); }
  static std::shared_ptr<const Endpoint> open(const EndpointOptions& options) {
    return Endpoint::open(options).value();
  }
  std::shared_ptr<AnswerCache> cache() { return std::make_shared<AnswerCache>(folder / "endpoint.db"); }

  TemporaryFolder folder;
  FakeEndpoint server;
};

const std::vector<std::string> kTexts = {"1234", "", "知音"};  // 4, 0 and 6 bytes

TEST_F(EndpointTest, TextsBecomeVectorsOfUnitLengthInTheirOrder) {
  const auto encoder = RemoteTextEncoder::open(open(), cache()).value();
  EXPECT_EQ(encoder->name(), "text.endpoint.embedder");
  ASSERT_EQ(encoder->dim(), 3U);
  const auto vectors = encoder->encode(kTexts).value();
  EXPECT_NEAR(vectors[0], 4 / std::sqrt(41.0), 1e-6);
  EXPECT_THAT(std::span(vectors).subspan(3, 3), ElementsAre(0, 0, 0)) << "nothing was said";
  EXPECT_NEAR(vectors[6], 6 / std::sqrt(61.0), 1e-6);
  const auto body = Json::parse(server.requests.back().body).value();
  EXPECT_EQ(server.requests.back().path, "/v1/embeddings");
  EXPECT_EQ(body["model"].as_string(), "embedder");
  EXPECT_EQ(body["input"].elements().size(), 2U);
}

TEST_F(EndpointTest, TheSameWordsAreAskedOnceAlsoByAnotherProcess) {
  const auto first = RemoteTextEncoder::open(open(), cache()).value()->encode(kTexts).value();
  const auto asked = server.count();
  const auto again = RemoteTextEncoder::open(open(), cache()).value()->encode(kTexts).value();
  EXPECT_EQ(again, first);
  EXPECT_EQ(server.count(), asked);
}

TEST_F(EndpointTest, AKeyGoesWithEveryRequest) {
  ::setenv("ZHIYIN_TEST_KEY", "secret", 1);
  auto with_key = options();
  with_key.key_env = "ZHIYIN_TEST_KEY";
  ASSERT_TRUE(RemoteTextEncoder::open(open(with_key), cache()).ok());
  EXPECT_EQ(server.requests.back().headers.get("Authorization"), "Bearer secret");
  with_key.key_env = "ZHIYIN_TEST_NO_SUCH_KEY";
  EXPECT_THAT(Endpoint::open(with_key).error().message,
              HasSubstr("ZHIYIN_TEST_NO_SUCH_KEY (endpoint.key_env) is not set"));
}

TEST_F(EndpointTest, TooManyAndBrokenAnswersAreTriedAgain) {
  int times = 0;
  server.answer = [&](const http::Request& request) {
    ++times;
    if (times == 1)
      return http::json_response(429, Json::object({{"error", Json::object({{"message", "slow down"}})}}));
    if (times == 2) return http::json_response(500, Json::object({}));
    return FakeEndpoint::embeddings(request);
  };
  EXPECT_TRUE(RemoteTextEncoder::open(open(), cache()).ok());
  EXPECT_EQ(times, 3);
}

TEST_F(EndpointTest, AnAnswerThatWillNotChangeIsNotAskedForAgain) {
  server.answer = [](const http::Request&) {
    return http::json_response(404, Json::object({{"error", Json::object({{"message", "no such model"}})}}));
  };
  const auto opened = RemoteTextEncoder::open(open(), cache());
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message,
              AllOf(HasSubstr(server.url() + "/embeddings"), HasSubstr("404"), HasSubstr("no such model")));
  EXPECT_EQ(server.count(), 1U);
}

TEST_F(EndpointTest, WhatItDoesNotAnswerInFormIsAMissingModalityAndIsNotKept) {
  const auto encoder = RemoteTextEncoder::open(open(), cache()).value();
  const std::vector<std::string> wrong{"this is no JSON",
                                       "{}",
                                       R"({"data":[]})",
                                       R"({"data":[{"embedding":[1,2]}]})",
                                       R"({"data":[{"embedding":[1,"x",3]}]})",
                                       R"({"data":[{"index":7,"embedding":[1,2,3]}]})",
                                       R"({"data":[{"embedding":null}]})",
                                       R"({"data":[{"embedding":[1e300,1,1]}]})"};
  for (const auto& body : wrong) {
    const auto fresh = RemoteTextEncoder::open(open(), cache()).value();  // it trusts the server anew
    server.answer = [&](const http::Request&) { return http::text_response(200, body, "application/json"); };
    EXPECT_THAT(fresh->encode_one("text").value(), Each(0)) << body;
  }
  server.answer = FakeEndpoint::embeddings;
  EXPECT_NEAR(encoder->encode_one("text").value()[0], 4 / std::sqrt(41.0), 1e-6);
}

TEST_F(EndpointTest, ASlowServerCostsItsTimeBoxAndNoMore) {
  auto quick = options();
  const auto known = cache();
  ASSERT_TRUE(RemoteTextEncoder::open(open(quick), known).ok());
  quick.timeout_s = 0.3;
  const auto encoder = RemoteTextEncoder::open(open(quick), known).value();
  std::mutex mutex;
  std::condition_variable released;
  bool over = false;
  server.answer = [&](const http::Request& request) {
    std::unique_lock lock(mutex);
    released.wait(lock, [&] { return over; });
    return FakeEndpoint::embeddings(request);
  };
  const Stopwatch watch;
  EXPECT_THAT(encoder->encode_one("slow").value(), Each(0));
  EXPECT_LT(watch.seconds(), 3);
  {
    const std::lock_guard lock(mutex);
    over = true;
  }
  released.notify_all();
  server.stop();  // what it answers with stands in this test
}

TEST_F(EndpointTest, AServerThatFailsIsLeftAloneForAWhile) {
  const auto encoder = RemoteTextEncoder::open(open(), cache()).value();
  server.answer = [](const http::Request&) { return http::json_response(503, Json::object({})); };
  for (int i = 0; i < Endpoint::kTrust; ++i)
    EXPECT_THAT(encoder->encode_one("text" + std::to_string(i)).value(), Each(0));
  const auto asked = server.count();
  EXPECT_EQ(asked, 1U + Endpoint::kTrust * Endpoint::kAttempts);
  EXPECT_THAT(encoder->encode_one("more").value(), Each(0));
  EXPECT_EQ(server.count(), asked);
}

TEST_F(EndpointTest, RequestsKeepTheirDistance) {
  auto paced = options();
  paced.requests_per_minute = 1200;  // one in 50 ms, after the first five
  const auto endpoint = open(paced);
  server.answer = [](const http::Request&) { return http::json_response(200, Json::object({})); };
  const Stopwatch watch;
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(endpoint->post("/x", Json::object({})).ok());
  EXPECT_GT(watch.seconds(), 0.19);

  paced.requests_per_minute = 1;
  paced.timeout_s = 0.5;
  const auto slow = open(paced);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(slow->post("/x", Json::object({})).ok());
  EXPECT_THAT(slow->post("/x", Json::object({})).error().message,
              HasSubstr("no turn within 0.5 s at 1 requests a minute"));
}

TEST_F(EndpointTest, AUrlThatCannotBeUsedIsNamedWithTheFix) {
  const auto problem = [](const std::string& url) { return Endpoint::open({.url = url}).error().message; };
  EXPECT_THAT(problem("https://example.org/v1"), HasSubstr("https is not spoken here"));
  EXPECT_THAT(problem("127.0.0.1:8080"), HasSubstr("http://host:port/path is expected"));
  EXPECT_THAT(problem("http://127.0.0.1:port/v1"), HasSubstr("\"port\" is no port"));
  EXPECT_TRUE(Endpoint::open({.url = "http://[::1]:8080/v1"}).ok());
  EXPECT_EQ(Endpoint::open({.url = "http://localhost/v1/"}).value()->options().url, "http://localhost/v1");
}

// --- Summaries and tags.

Decoded clip() {
  Decoded decoded;
  decoded.tags = {{"title", "Cats of Kyoto"}, {"artist", "Ann"}};
  decoded.subtitles = {{"subtitle", 0, 1, "Look at that cat.", 1, "decode"}};
  return decoded;
}

TEST_F(EndpointTest, AnItemIsSummarisedAndTaggedByASchema) {
  server.answer = [](const http::Request&) {
    return FakeEndpoint::chat(R"({"summary":" Cats in Kyoto. ","tags":["cats","Kyoto","cats",""," travel "]})");
  };
  const ReaderSense reader(open(), cache());
  Perception found;
  found.tags.push_back({"cat", 0.9, "vision.nanodet"});
  found.passages.push_back({"speech", 0, 1, "hello cats", 1, "speech.tiny"});
  ASSERT_TRUE(reader.perceive(clip(), found).ok());
  EXPECT_EQ(found.facts["summary"].as_string(), "Cats in Kyoto.");
  ASSERT_EQ(found.tags.size(), 4U);
  EXPECT_EQ(found.tags[3].name, "travel");
  EXPECT_EQ(found.tags[3].encoder, "reader.chatter");

  EXPECT_EQ(server.requests[0].path, "/v1/chat/completions");
  const auto body = Json::parse(server.requests[0].body).value();
  const auto& schema = body["response_format"]["json_schema"]["schema"];
  EXPECT_EQ(body["response_format"]["type"].as_string(), "json_schema");
  EXPECT_EQ(schema["properties"]["tags"]["items"]["type"].as_string(), "string");
  EXPECT_THAT(std::string(body["messages"].elements()[1]["content"].as_string()),
              AllOf(HasSubstr("title: Cats of Kyoto"), HasSubstr("seen or heard: cat"), HasSubstr("speech: hello cats"),
                    HasSubstr("subtitles: Look at that cat.")));

  Perception again;
  again.tags = {found.tags[0]};
  again.passages = found.passages;
  ASSERT_TRUE(reader.perceive(clip(), again).ok());
  EXPECT_EQ(again.facts["summary"].as_string(), "Cats in Kyoto.");
  EXPECT_EQ(server.count(), 1U) << "the same words are answered from the cache";
}

TEST_F(EndpointTest, AFileWithoutWordsIsNotAskedAbout) {
  Perception found;
  found.tags.push_back({"cat", 0.9, "vision.nanodet"});
  ASSERT_TRUE(ReaderSense(open(), cache()).perceive({}, found).ok());
  EXPECT_EQ(server.count(), 0U);
}

TEST_F(EndpointTest, AReadingThatFailsIsNotedAndTheOtherSensesStay) {
  for (const std::string content : {"Sure! Here is your summary:", R"({"summary":3,"tags":[]})", R"({"tags":["a"]})"}) {
    server.answer = [&](const http::Request&) { return FakeEndpoint::chat(content); };
    Senses senses;
    senses.push_back(std::make_unique<ReaderSense>(open(), cache()));
    const auto found = perceive(senses, clip());
    ASSERT_EQ(found.runs.size(), 1U);
    EXPECT_THAT(found.runs[0].problem, HasSubstr("does not keep the schema")) << content;
    EXPECT_TRUE(found.tags.empty());
  }
}

TEST_F(EndpointTest, WhatComesBackIsLimited) {
  auto answer = Json::object({{"summary", std::string(5000, 'x')}});
  auto tags = Json::array();
  for (int i = 0; i < 100; ++i) tags.push("tag " + std::to_string(i));
  tags.push(std::string(100, 'y'));
  answer.set("tags", std::move(tags));
  server.answer = [&](const http::Request&) { return FakeEndpoint::chat(answer.dump()); };
  const auto reading = ReaderSense(open(), cache()).read("title: x").value();
  EXPECT_EQ(reading.summary.size(), 600U);
  EXPECT_EQ(reading.tags.size(), 12U);
}

}  // namespace
}  // namespace zhiyin
