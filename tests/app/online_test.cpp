// The server learns while it serves: between trainings, by trainings of its own, and it goes back when told to.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "app/serve/background_training.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/http/client.h"
#include "base/json.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using ::testing::HasSubstr;

class Learning : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string lines;
    for (int item = 0; item < 16; ++item) lines += fmt::format("{{\"id\":\"i{0}\",\"title\":\"Item {0}\"}}\n", item);
    for (int user = 0; user < 20; ++user) {
      for (int k = 0; k < 4; ++k) {
        lines += fmt::format("{{\"type\":\"like\",\"user\":\"u{}\",\"item\":\"i{}\",\"time\":{}}}\n", user,
                             8 * (user % 2) + (user / 2 + k) % 8, 1000 + 10 * user + k);
      }
    }
    ASSERT_TRUE(write_file_atomic(folder_ / "world.jsonl", lines).ok());
    ASSERT_EQ(run_program({"--home", home(), "-q", "import", "jsonl", (folder_ / "world.jsonl").string()}).exit_code,
              0);
    ASSERT_EQ(run_program({"--home", home(), "-q", "train", "pop", "ials"}).exit_code, 0);
  }
  std::string home() const { return (folder_ / "home").string(); }

  void serve(const std::string& settings) {
    ASSERT_TRUE(write_file_atomic(std::filesystem::path(home()) / "zhiyin.toml", settings).ok());
    server_ =
        std::make_unique<BackgroundProgram>(std::vector<std::string>{"--home", home(), "-q", "serve", "--port", "0"});
    const auto line = server_->read_line();
    ASSERT_NE(line.rfind(':'), std::string::npos) << line;
    port_ = std::stoi(line.substr(line.rfind(':') + 1));
  }
  Json ask(http::Method method, const std::string& target, const std::string& body = {}) {
    auto client = http::Client::connect("127.0.0.1", port_).value();
    return Json::parse(client->request(method, target, body).value().body).value();
  }
  // What /healthz says once it is as wanted, or after half a minute.
  Json health_when(const std::function<bool(const Json&)>& as_wanted) {
    const Stopwatch watch;
    for (;;) {
      auto health = ask(http::Method::kGet, "/healthz");
      if (as_wanted(health) || watch.seconds() > 30) return health;
    }
  }
  std::string serving() { return std::string(ask(http::Method::kGet, "/healthz")["snapshot"].as_string()); }

  TemporaryFolder folder_;
  std::unique_ptr<BackgroundProgram> server_;
  int port_ = 0;
};

TEST_F(Learning, WhatCameSinceTheTrainingIsLearnedWhileItServes) {
  serve("[online]\nevents = 1\nseconds = 0.05\n");
  EXPECT_TRUE(ask(http::Method::kGet, "/healthz")["learned_offset"].is_null());
  const auto posted = ask(http::Method::kPost, "/v1/events",
                          R"([{"type":"like","user":"u0","item":"i9"},{"type":"like","user":"u2","item":"i9"}])");
  ASSERT_EQ(posted["accepted"].as_integer(), 2);
  const auto health = health_when([&](const Json& now) { return !now["learned_offset"].is_null(); });
  EXPECT_EQ(health["learned_offset"].as_integer(), posted["offset"].as_integer());
  const auto answer = ask(http::Method::kGet, "/v1/recommend?user=u4&n=5");
  EXPECT_FALSE(answer["items"].elements().empty());
  EXPECT_TRUE(answer["degraded"].elements().empty());

  const auto trending = ask(http::Method::kGet, "/v1/trending?window=day&n=3");
  ASSERT_EQ(trending["items"].elements().size(), 1U);  // all else is long ago
  EXPECT_EQ(trending["items"].elements()[0]["id"].as_string(), "i9");
  EXPECT_EQ(ask(http::Method::kGet, "/v1/trending?window=year")["error"]["field"].as_string(), "window");
}

TEST_F(Learning, AnEarlierSnapshotServesAgainWhenToldTo) {
  serve("[serve]\nrefresh_s = 0.1\n");
  const auto first = serving();
  ask(http::Method::kPost, "/v1/events", R"([{"type":"like","user":"u0","item":"i9"}])");
  ASSERT_EQ(run_program({"--home", home(), "-q", "train", "pop", "ials"}).exit_code, 0);
  const auto second = health_when([&](const Json& now) { return now["snapshot"].as_string() != first; });
  ASSERT_NE(second["snapshot"].as_string(), first);
  const auto back = run_program({"--home", home(), "--json", "rollback"});
  ASSERT_EQ(back.exit_code, 0) << back.errors;
  EXPECT_EQ(Json::parse(back.output).value()["current"].as_string(), first);
  EXPECT_EQ(health_when([&](const Json& now) { return now["snapshot"].as_string() == first; })["snapshot"].as_string(),
            first);
  const auto listed = run_program({"--home", home(), "rollback", "--list"});
  EXPECT_THAT(listed.output, HasSubstr("* " + first));
  EXPECT_EQ(run_program({"--home", home(), "rollback", "--to", "nothing"}).exit_code, 1);
}

TEST_F(Learning, ItTrainsByItselfAndSaysWhyItPublished) {
  serve("[serve]\nrefresh_s = 0.1\n[train]\nevery_hours = 0.0001\n");
  const auto first = serving();
  ask(http::Method::kPost, "/v1/events", R"([{"type":"like","user":"u0","item":"i9"}])");
  const auto health = health_when([&](const Json& now) { return now["snapshot"].as_string() != first; });
  ASSERT_NE(health["snapshot"].as_string(), first);
  EXPECT_THAT(run_program({"--home", home(), "rollback", "--list"}).output, HasSubstr("published: only"));
}

TEST(TrainingIsDue, AfterTheHoursSinceItWasTrainedTriedOrGoneBack) {
  constexpr UnixSeconds kHour = 3600;
  EXPECT_FALSE(training_is_due(100 * kHour, std::nullopt, std::nullopt, 0));  // off
  EXPECT_TRUE(training_is_due(100 * kHour, std::nullopt, std::nullopt, 6));
  EXPECT_FALSE(training_is_due(100 * kHour, 95 * kHour, std::nullopt, 6));
  EXPECT_TRUE(training_is_due(100 * kHour, 94 * kHour, std::nullopt, 6));
  EXPECT_FALSE(training_is_due(100 * kHour, 90 * kHour, 99 * kHour, 6));
}

}  // namespace
}  // namespace zhiyin
