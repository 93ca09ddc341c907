// Keys, scopes, quotas, and the way from a request to its home.
#include "app/serve/access.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "app/serve/front.h"
#include "base/file.h"

namespace zhiyin {
namespace {

using ::testing::HasSubstr;
using enum http::Method;

constexpr Scopes kReads = static_cast<Scopes>(Scope::kRead);
constexpr Scopes kWrites = static_cast<Scopes>(Scope::kWrite);
constexpr Scopes kRules = static_cast<Scopes>(Scope::kAdmin);

AccessKey key(const std::string& name, Scopes scopes) {
  return {.name = name, .sha256 = sha256_hex(name + "-secret"), .scopes = scopes};
}

http::Request request(http::Method method, const std::string& path, http::Headers headers = {}) {
  http::Request made{.method = method, .target = path, .path = path, .headers = std::move(headers)};
  for (std::size_t begin = 1; begin < path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    made.segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return made;
}

int status(const Access& access, const http::Request& asked) {
  const auto admission = access.admit(asked);
  return admission.refusal ? admission.refusal->status : 200;
}

http::Headers bearer(const std::string& name) { return {{"Authorization", "Bearer " + name + "-secret"}}; }

TEST(AccessTest, WithoutKeysAllIsOpen) {
  const Access access(AccessOptions{});
  EXPECT_EQ(status(access, request(kDelete, "/v1/items/a")), 200);
  EXPECT_EQ(status(access, request(kPost, "/v1/admin/reload")), 200);
}

TEST(AccessTest, AKeyIsTakenFromThreePlacesAndSaysWhoAsks) {
  const Access access({.keys = {key("shop", kReads)}});
  const auto ask = [&](const http::Headers& headers) { return access.admit(request(kGet, "/v1/recommend", headers)); };
  for (const auto& headers :
       std::vector<http::Headers>{bearer("shop"),
                                  {{"X-API-Key", "shop-secret"}},
                                  {{"authorization", "bearer shop-secret"}},
                                  {{"Authorization", "Basic YW55Ym9keTpzaG9wLXNlY3JldA=="}}}) {  // anybody:shop-secret
    EXPECT_FALSE(ask(headers).refusal);
    EXPECT_EQ(ask(headers).caller, "shop");
  }
  for (const auto& headers : std::vector<http::Headers>{{},
                                                        {{"X-API-Key", "shop-secre"}},
                                                        {{"X-API-Key", "shop-secret "}},
                                                        {{"Authorization", "Bearer"}},
                                                        {{"Authorization", "Basic %%%"}},
                                                        {{"Authorization", "Basic c2hvcA=="}}}) {
    const auto refusal = ask(headers).refusal;
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 401);
    EXPECT_TRUE(refusal->headers.get("WWW-Authenticate")->starts_with("Bearer"));
    EXPECT_EQ(refusal->body.find("shop-secre"), std::string::npos) << "a key is never said back";
  }
}

TEST(AccessTest, APersonWhoOpensThePageIsAskedForTheKey) {
  const Access access({.keys = {key("shop", kReads)}});
  const auto challenge = [&](const http::Headers& headers) {
    std::string all;
    const auto refusal = access.admit(request(kGet, "/", headers)).refusal;
    for (const auto& [name, value] : refusal->headers) all += name + ": " + value + "\n";
    return all;
  };
  EXPECT_THAT(challenge({{"Accept", "text/html,*/*"}}), HasSubstr("WWW-Authenticate: Basic"));
  EXPECT_THAT(challenge({}), ::testing::Not(HasSubstr("Basic")));
}

TEST(AccessTest, AScopeOpensWhatItSays) {
  const Access access({.keys = {key("reader", kReads), key("writer", kWrites), key("boss", kRules)}});
  struct Row {
    http::Method method;
    const char* path;
    int reader, writer, boss, nobody;
  };
  for (const auto& row :
       {Row{kGet, "/v1/recommend", 200, 403, 200, 401}, Row{kPost, "/v1/recommend", 200, 403, 200, 401},
        Row{kPost, "/v1/events", 403, 200, 200, 401}, Row{kPut, "/v1/items/a", 403, 200, 200, 401},
        Row{kDelete, "/v1/items/a", 403, 200, 200, 401}, Row{kGet, "/v1/users", 200, 403, 200, 401},
        Row{kPost, "/v1/admin/reload", 403, 403, 200, 401}, Row{kGet, "/v1/admin/x", 403, 403, 200, 401},
        Row{kGet, "/healthz", 200, 200, 200, 200}, Row{kGet, "/api/health/live", 200, 200, 200, 200},
        Row{kGet, "/metrics", 200, 200, 200, 200}, Row{kGet, "/healthz/x", 200, 403, 200, 401},
        Row{kPost, "/api/session/recommend", 200, 403, 200, 401}, Row{kPost, "/api/feedback", 403, 200, 200, 401},
        Row{kGet, "/", 200, 403, 200, 401}}) {
    EXPECT_EQ(status(access, request(row.method, row.path, bearer("reader"))), row.reader) << row.path;
    EXPECT_EQ(status(access, request(row.method, row.path, bearer("writer"))), row.writer) << row.path;
    EXPECT_EQ(status(access, request(row.method, row.path, bearer("boss"))), row.boss) << row.path;
    EXPECT_EQ(status(access, request(row.method, row.path)), row.nobody) << row.path;
  }
}

TEST(AccessTest, MetricsAndAnonymousReadersAreASetting) {
  const Access access({.keys = {key("shop", kReads)}, .anonymous = kReads, .open_metrics = false});
  EXPECT_EQ(status(access, request(kGet, "/v1/recommend")), 200);
  EXPECT_EQ(status(access, request(kPost, "/v1/events")), 401);
  EXPECT_EQ(status(access, request(kGet, "/metrics")), 200);
  EXPECT_EQ(status(Access({.keys = {key("shop", kReads)}, .open_metrics = false}), request(kGet, "/metrics")), 401);
}

TEST(AccessTest, AnotherSitesPageMayNotUseWhatTheBrowserKnows) {
  const std::string basic = "Basic YW55Ym9keTpib3NzLXNlY3JldA==";  // anybody:boss-secret
  const Access access({.keys = {key("boss", kRules)}});
  const auto ask = [&](http::Headers headers, const char* from) {
    headers.add("Sec-Fetch-Site", from);
    return status(access, request(kPost, "/v1/events", headers));
  };
  EXPECT_EQ(ask({{"Authorization", basic}}, "cross-site"), 403);
  EXPECT_EQ(ask({{"Authorization", basic}}, "same-origin"), 200);
  EXPECT_EQ(ask(bearer("boss"), "cross-site"), 200) << "no browser sends that on its own";
  const Access open(AccessOptions{});
  EXPECT_EQ(status(open, request(kPost, "/v1/events", {{"Sec-Fetch-Site", "cross-site"}})), 403);
}

TEST(AccessTest, AQuotaAllowsABurstAndThenItsRate) {
  double now = 100;
  auto limited = key("shop", kReads);
  limited.requests_per_second = 2;
  limited.burst = 3;
  const Access access({.keys = {limited, key("other", kReads)}}, [&] { return now; });
  const auto ask = [&] { return status(access, request(kGet, "/v1/recommend", bearer("shop"))); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(), 200);
  const auto refusal = access.admit(request(kGet, "/v1/recommend", bearer("shop"))).refusal;
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 429);
  EXPECT_EQ(refusal->headers.get("Retry-After"), "1");
  EXPECT_EQ(status(access, request(kGet, "/v1/recommend", bearer("other"))), 200) << "a quota is one key's";
  EXPECT_EQ(status(access, request(kGet, "/healthz", bearer("shop"))), 200);
  now += 0.5;
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 429);
  now += 1000;
  int allowed = 0;
  while (ask() == 200) ++allowed;
  EXPECT_EQ(allowed, 3) << "what was not used does not pile up";
}

class FrontTest : public ::testing::Test {
 protected:
  static http::Router home(const std::string& name) {
    http::Router router;
    router.add(kGet, "/v1/recommend", [name](const http::Request& asked) {
      return http::text_response(200, name + " for " + asked.caller, "text/plain");
    });
    router.fallback([name](const http::Request& asked) {
      return http::text_response(200, fmt::format("page {} {}", asked.path, asked.segments.size()), "text/plain");
    });
    return router;
  }
  std::string ask(const Front& front, const std::string& path, const http::Headers& headers = {}) {
    auto asked = request(kGet, path, headers);
    if (path.ends_with('/')) asked.segments.emplace_back();
    const auto answer = front.handle(asked);
    return answer.status == 200 ? answer.body : std::to_string(answer.status);
  }
  std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>(RecordOptions{});
};

TEST_F(FrontTest, AKeyOpensItsHome) {
  auto films = key("films", kReads);
  films.home = "/films";
  Front front({}, {.keys = {key("music", kReads), films}}, recorder_);
  front.add_home("", home("music"));
  front.add_home("/films", home("films"));
  EXPECT_EQ(ask(front, "/v1/recommend", bearer("music")), "music for music");
  EXPECT_EQ(ask(front, "/v1/recommend", bearer("films")), "films for films");
  EXPECT_EQ(ask(front, "/v1/recommend"), "401");
}

TEST_F(FrontTest, OtherKeysHoldFromTheNextRequestOn) {
  Front front({}, {.keys = {key("old", kReads)}}, recorder_);
  front.add_home("", home("music"));
  EXPECT_TRUE(front.set_access({.keys = {key("new", kReads)}}).ok());
  EXPECT_EQ(ask(front, "/v1/recommend", bearer("old")), "401");
  EXPECT_EQ(ask(front, "/v1/recommend", bearer("new")), "music for new");
  auto elsewhere = key("elsewhere", kReads);
  elsewhere.home = "/elsewhere";
  const auto refused = front.set_access({.keys = {elsewhere}});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("restart"));
  EXPECT_EQ(ask(front, "/v1/recommend", bearer("new")), "music for new");
}

TEST_F(FrontTest, TheAddressBehindAProxyIsTheOneWrittenDown) {
  Front front({.proxies = http::TrustedProxies::parse("10.0.0.0/8").value()}, {}, recorder_);
  http::Router router;
  router.fallback([](const http::Request& asked) { return http::text_response(200, asked.peer, "text/plain"); });
  front.add_home("", std::move(router));
  auto asked = request(kGet, "/", {{"X-Forwarded-For", "7.7.7.7"}});
  asked.peer = "10.0.0.1";
  EXPECT_EQ(front.handle(asked).body, "7.7.7.7");
}

TEST_F(FrontTest, PathsAreUnderstoodWithTheirBaseAndWithout) {
  Front front({.base_path = "/apps/zhiyin"}, {}, recorder_);
  front.add_home("", home("music"));
  EXPECT_EQ(ask(front, "/apps/zhiyin/v1/recommend"), "music for ");
  EXPECT_EQ(ask(front, "/v1/recommend"), "music for ");
  EXPECT_EQ(ask(front, "/apps/zhiyin/"), "page / 0");
  EXPECT_EQ(ask(front, "/apps/zhiyin/assets/a.js"), "page /assets/a.js 2");
  EXPECT_EQ(ask(front, "/apps/zhiyinx/a"), "page /apps/zhiyinx/a 3");
  auto bare = request(kGet, "/apps/zhiyin");
  const auto moved = front.handle(bare);
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.headers.get("Location"), "/apps/zhiyin/");
}

}  // namespace
}  // namespace zhiyin
