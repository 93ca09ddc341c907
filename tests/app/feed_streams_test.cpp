// Who listens hears when asking again is worth it.
#include "app/serve/feed_streams.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "app/serve/routes.h"
#include "base/http/client.h"
#include "base/http/server.h"
#include "domain/user.h"
#include "learn/runs.h"
#include "learn/train.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using ::testing::HasSubstr;

class FeedStreamsTest : public ::testing::Test {
 protected:
  FeedStreamsTest() {
    auto home = open_home(folder_ / "home", HomeMode::kCreate).value();
    add_item(*home.store, "a");
    add_item(*home.store, "b");
    service_ = Service::start(std::move(home), clock_, {.refresh_s = 3600}).value();
    router_ =
        make_routes(*service_, folder_ / "no_page", {.streams = {.most = 3, .look_s = 0.005, .heartbeat_s = 0.1}});
    server_ = http::Server::start({.port = 0, .threads = 2}, [this](http::Request& request) {
                return router_.handle(request);
              }).value();
  }
  ~FeedStreamsTest() override { server_.reset(); }

  static void add_item(Store& store, const std::string& id) {
    const Item item{.id = ItemId(id), .title = id};
    ASSERT_TRUE(store.put_items({&item, 1}).ok());
  }

  std::unique_ptr<http::Client> listen(const std::string& query) {
    auto client = http::Client::connect("127.0.0.1", server_->port(), {.timeout_s = 5}).value();
    EXPECT_TRUE(client->send("GET /v1/stream" + query + " HTTP/1.1\r\nHost: x\r\n\r\n").ok());
    EXPECT_THAT(next(*client), HasSubstr("text/event-stream"));
    EXPECT_THAT(next(*client), HasSubstr(R"(data: {"why":"hello"})"));
    return client;
  }
  // The next event that is no heartbeat (or the answer's header).
  static std::string next(http::Client& client) {
    for (;;) {
      // The header ends with CR LF twice, an event with LF twice.
      auto text = client.receive_until("\n");
      std::string event;
      while (text.ok() && *text != "\n" && *text != "\r\n") {
        event += *text;
        text = client.receive_until("\n");
      }
      if (!text.ok()) return text.error().message;
      if (!event.starts_with(":")) return event;
    }
  }

  void like(const std::string& user) {
    const Event event{.type = EventType::kLike, .user = UserId(user), .item = ItemId("a"), .time = 1'600'000'000};
    ASSERT_TRUE(service_->ingest().events({&event, 1}).ok());
  }

  TemporaryFolder folder_;
  FixedClock clock_{1'700'000'000};
  std::unique_ptr<Service> service_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(FeedStreamsTest, AUserHearsOfOwnEventsAndNotOfThoseOfOthers) {
  const auto ann = listen("?user=ann");
  const auto guest = listen("?guest=g");
  like("bob");
  ASSERT_TRUE(service_->refresh().ok());
  EXPECT_THAT(next(*ann), HasSubstr("items"));
  like("ann");
  EXPECT_EQ(next(*ann), "event: feed\ndata: {\"why\":\"event\",\"offset\":2}\n");
  ASSERT_TRUE(service_->refresh().ok());
  EXPECT_THAT(next(*ann), HasSubstr("items"));
  like(std::string(kGuestPrefix) + "g");
  EXPECT_THAT(next(*guest), HasSubstr("items"));
  std::string heard;
  while (heard.find("\"event\"") == std::string::npos && heard.size() < 10'000) heard += next(*guest);
  EXPECT_THAT(heard, HasSubstr(R"({"why":"event","offset":3})"));
}

// A page tells what it shows: two pages of one user would keep each other asking.
TEST_F(FeedStreamsTest, WhatWasMerelyShownIsNoNews) {
  const auto ann = listen("?user=ann");
  const Event shown{.type = EventType::kImpression, .user = UserId("ann"), .item = ItemId("b"), .time = 1'600'000'000};
  ASSERT_TRUE(service_->ingest().events({&shown, 1}).ok());
  ASSERT_TRUE(service_->refresh().ok());
  EXPECT_THAT(next(*ann), HasSubstr("items"));  // of the refresh: an event would have been told with it
  add_item(*service_->home().store, "c");
  ASSERT_TRUE(service_->refresh().ok());
  EXPECT_THAT(next(*ann), HasSubstr("items"));
}

TEST_F(FeedStreamsTest, AllHearOfNewItemsAndOfANewSnapshot) {
  const auto ann = listen("?user=ann");
  const auto anybody = listen("");
  add_item(*service_->home().store, "c");
  ASSERT_TRUE(service_->refresh().ok());
  EXPECT_THAT(next(*ann), HasSubstr(R"({"why":"items"})"));
  EXPECT_THAT(next(*anybody), HasSubstr(R"({"why":"items"})"));
  const auto& home = service_->home();
  ASSERT_TRUE(train(home.path, *home.store, *home.log, clock_, {.models = {"pop"}}).ok());
  ASSERT_TRUE(service_->refresh().ok());
  std::string heard;
  while (heard.find("snapshot") == std::string::npos && heard.size() < 10'000) heard += next(*anybody);
  EXPECT_THAT(heard, HasSubstr(R"({"why":"snapshot"})"));
}

TEST_F(FeedStreamsTest, TrainingsTellTheirEpochsAndTheirEnd) {
  const auto client = listen("");
  RunLog run(service_->home().path, {.snapshot = "20260101T000000-0001", .model = "sasrec"});
  run.epoch(1, 2, 0.75);
  auto heard = next(*client);
  EXPECT_THAT(heard, HasSubstr("event: training\n"));
  EXPECT_THAT(heard, HasSubstr(R"("model":"sasrec","epoch":1,"epochs":2,"loss":0.75)"));
  run.epoch(2, 2, 0.5);
  EXPECT_THAT(next(*client), HasSubstr(R"("epoch":2)"));
  run.finish({}, 1.5, "");
  EXPECT_THAT(next(*client), HasSubstr(R"("seconds":1.5)"));
}

TEST_F(FeedStreamsTest, OneMoreThanTheMostIsTurnedAwayUntilAnotherGoes) {
  auto one = listen("");
  const auto two = listen("");
  const auto three = listen("");
  const auto ask = [&] {
    const auto client = http::Client::connect("127.0.0.1", server_->port(), {.timeout_s = 5}).value();
    EXPECT_TRUE(client->send("GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n").ok());
    return client->receive_until("\n").value();
  };
  EXPECT_THAT(ask(), HasSubstr("503"));
  one.reset();
  std::string answer;
  for (const Stopwatch watch; answer.find("200") == std::string::npos && watch.seconds() < 5;) answer = ask();
  EXPECT_THAT(answer, HasSubstr("200"));
}

TEST_F(FeedStreamsTest, AQuietStreamBeats) {
  const auto client = http::Client::connect("127.0.0.1", server_->port(), {.timeout_s = 5}).value();
  ASSERT_TRUE(client->send("GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  EXPECT_TRUE(client->receive_until(": still here\n\n").ok());
}

TEST_F(FeedStreamsTest, ListenersAreCheckedLikeOthers) {
  const auto client = http::Client::connect("127.0.0.1", server_->port()).value();
  EXPECT_EQ(client->get("/v1/stream?user=a&guest=b").value().status, 400);
  EXPECT_EQ(client->get("/v1/stream?user=").value().status, 400);
}

}  // namespace
}  // namespace zhiyin
