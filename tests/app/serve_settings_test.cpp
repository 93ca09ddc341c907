// What zhiyin.toml says of a running server: keys, logs, and what changes without a restart.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "app/operate/home.h"
#include "base/file.h"
#include "base/http/client.h"
#include "base/json.h"
#include "base/lines.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using enum http::Method;

const std::string kOldKey = "0123456789abcdef-old";
const std::string kNewKey = "0123456789abcdef-new";

std::string key_table(const std::string& name, const std::string& key, const std::string& more = "") {
  return "[[access.key]]\nname = \"" + name + "\"\nkey = \"" + key + "\"\n" + more;
}

class ServedWithSettings : public ::testing::Test {
 protected:
  void SetUp() override {
    fill(folder_ / "home", "song");
    fill(folder_ / "films", "film");
  }

  static void fill(const std::filesystem::path& path, const std::string& id) {
    const auto home = open_home(path, HomeMode::kCreate).value();
    const Item item{.id = ItemId(id), .title = id};
    ASSERT_TRUE(home.store->put_items({&item, 1}).ok());
  }

  void set(const std::string& text) { ASSERT_TRUE(write_file_atomic(folder_ / "home" / "zhiyin.toml", text).ok()); }

  void start() {
    server_ = std::make_unique<BackgroundProgram>(
        std::vector<std::string>{"--home", (folder_ / "home").string(), "serve", "--port", "0"},
        (folder_ / "log").string());
    const auto line = server_->read_line();
    ASSERT_THAT(line, HasSubstr("listening")) << log();
    port_ = std::stoi(line.substr(line.find(':', line.find("//")) + 1));
  }

  std::string log() { return read_file(folder_ / "log").value(); }

  http::Response ask(http::Method method, const std::string& target, const std::string& key = {}) {
    const auto client = http::Client::connect("127.0.0.1", port_).value();
    http::Headers headers;
    if (!key.empty()) headers.add("X-API-Key", key);
    return client->request(method, target, {}, headers).value();
  }

  template <typename Condition>
  static bool comes_true(const Condition& condition) {
    for (int i = 0; i < 500; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  TemporaryFolder folder_;
  std::unique_ptr<BackgroundProgram> server_;
  int port_ = 0;
};

TEST_F(ServedWithSettings, KeysChooseTheHomeAndAreNotLogged) {
  set("[log]\nrequests = \"info\"\n" + key_table("music", kOldKey) +
      key_table("cinema", kNewKey, "scopes = \"read, admin\"\nhome = \"../films\"\n"));
  start();
  EXPECT_EQ(ask(kGet, "/healthz").status, 200);
  EXPECT_EQ(ask(kGet, "/v1/items/song").status, 401);
  EXPECT_EQ(ask(kGet, "/v1/items/song", kOldKey).status, 200);
  EXPECT_EQ(ask(kGet, "/v1/items/film", kOldKey).status, 404);
  EXPECT_EQ(ask(kGet, "/v1/items/film", kNewKey).status, 200);
  EXPECT_EQ(ask(kGet, "/v1/items/film", "0123456789abcdef-none").status, 401);
  EXPECT_EQ(ask(kPost, "/v1/admin/reload", kOldKey).status, 403);
  EXPECT_EQ(ask(kPost, "/v1/admin/reload", kNewKey).status, 200);
  server_->kill(SIGTERM);
  EXPECT_THAT(log(), HasSubstr("key=cinema"));
  EXPECT_THAT(log(), Not(HasSubstr("0123456789abcdef")));
}

TEST_F(ServedWithSettings, AHangUpReadsTheSettingsAgain) {
  set(key_table("old", kOldKey));
  start();
  EXPECT_EQ(ask(kGet, "/v1/items/song", kOldKey).status, 200);
  set("[serve]\nthreads = 3\n[log]\nlevel = \"debug\"\n" + key_table("new", kNewKey));
  server_->signal(SIGHUP);
  EXPECT_TRUE(comes_true([&] { return ask(kGet, "/v1/items/song", kNewKey).status == 200; }));
  EXPECT_EQ(ask(kGet, "/v1/items/song", kOldKey).status, 401);
  EXPECT_TRUE(comes_true([&] { return log().find("serve.threads has changed") != std::string::npos; })) << log();
  EXPECT_EQ(log().find("log.level has changed"), std::string::npos) << "that needs no restart";
}

TEST_F(ServedWithSettings, ABrokenFileKeepsTheOldSettingsAndSaysWhy) {
  const auto admin = key_table("boss", kOldKey, "scopes = \"read, admin\"\n");
  set(admin);
  start();
  set("[serve]\nprot = 1\n" + admin);
  const auto answer = ask(kPost, "/v1/admin/reload", kOldKey);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("serve.port"));
  EXPECT_EQ(ask(kGet, "/v1/items/song", kOldKey).status, 200);
  set("[recommend]\nfresh_quota = 0.5\n[serve]\naddress = \"0.0.0.0\"\n" + admin);
  const auto taken = Json::parse(ask(kPost, "/v1/admin/reload", kOldKey).body).value();
  EXPECT_EQ(taken["changed"].dump(), R"(["recommend.fresh_quota"])");
  EXPECT_EQ(taken["at_restart"].dump(), R"(["serve.address"])");
}

TEST_F(ServedWithSettings, LogsAreJsonForPrograms) {
  set("[log]\nformat = \"json\"\nrequests = \"info\"\n");
  start();
  const auto id = std::string(ask(kGet, "/v1/items/song").headers.get("X-Request-ID").value());
  server_->kill(SIGTERM);
  bool found = false;
  const auto text = log();
  for (Lines lines(text); const auto line = lines.next();) {
    const auto parsed = Json::parse(*line);
    ASSERT_TRUE(parsed.ok()) << *line;
    EXPECT_TRUE(parsed->has("time") && parsed->has("level") && parsed->has("message")) << *line;
    if ((*parsed)["request"].as_string() != id) continue;
    found = true;
    EXPECT_EQ((*parsed)["route"].as_string(), "/v1/items/{id}");
    EXPECT_EQ((*parsed)["status"].as_integer(), 200);
    EXPECT_GT((*parsed)["ms"].as_number(), 0);
  }
  EXPECT_TRUE(found) << text;
}

TEST_F(ServedWithSettings, AnOpenServerThatOthersReachIsWarnedOf) {
  set("[serve]\naddress = \"0.0.0.0\"\nhosts = \"127.0.0.1\"\n");
  start();
  EXPECT_THAT(log(), HasSubstr("set keys"));
  set("[serve]\naddress = \"0.0.0.0\"\n" + key_table("shop", kOldKey));
  start();
  EXPECT_THAT(log(), Not(HasSubstr("set keys")));
}

TEST_F(ServedWithSettings, LimitsAreSettings) {
  set("[serve]\nmax_body_bytes = 2000\nmax_connections = 2\nmax_streams = 0\n");
  start();
  const auto one = http::Client::connect("127.0.0.1", port_).value();
  const auto two = http::Client::connect("127.0.0.1", port_).value();
  EXPECT_EQ(one->get("/healthz").value().status, 200);
  EXPECT_EQ(two->get("/healthz").value().status, 200);
  EXPECT_EQ(http::Client::connect("127.0.0.1", port_).value()->receive().value().status, 503);
  EXPECT_EQ(one->post("/v1/events", std::string(2000, ' ')).value().status, 400);
  EXPECT_EQ(one->get("/v1/stream").value().status, 503);
  EXPECT_EQ(one->post("/v1/events", std::string(2001, ' ')).value().status, 413);
}

TEST_F(ServedWithSettings, EverySettingIsPrintedAsAFileThatServes) {
  const auto printed = run_program({"doctor", "--settings"});
  ASSERT_EQ(printed.exit_code, 0);
  EXPECT_THAT(printed.output, HasSubstr("# [[access.key]]"));
  set(printed.output);
  start();
  EXPECT_EQ(ask(kGet, "/v1/items/song").status, 200);
}

TEST_F(ServedWithSettings, KeysAtFaultStopTheStartWithoutBeingSaid) {
  for (const auto& [text, says] : std::vector<std::pair<std::string, std::string>>{
           {"[[access.key]]\nname = \"a\"\nkey = \"short\"\n", "line 3: [access] key 1: key: is shorter than 16"},
           {"[[access.key]]\nname = \"a\"\n", "give one of key, key_env"},
           {"[[access.key]]\nname = \"a\"\nkye = \"0123456789abcdef\"\n", "the nearest is key"},
           {key_table("a", kOldKey, "scopes = \"raed\"\n"), "\"raed\" is no scope"},
           {key_table("a", kOldKey) + key_table("a", kNewKey), "is the name of two keys"},
           {key_table("a", kOldKey, "home = \"nowhere\"\n"), "is no home"},
           {"[serve]\nbase_path = \"zhiyin/\"\n", "zhiyin.toml:2: serve.base_path"},
           {"[trace]\nendpoint = \"https://x\"\n", "write it as http://127.0.0.1:4318"}}) {
    set(text);
    const auto run = run_program({"--home", (folder_ / "home").string(), "serve", "--port", "0"});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.errors, HasSubstr(says)) << text;
    EXPECT_THAT(run.errors, Not(HasSubstr(kOldKey)));
  }
}

}  // namespace
}  // namespace zhiyin
