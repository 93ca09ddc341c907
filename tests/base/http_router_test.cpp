#include "base/http/router.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/http/url.h"

namespace zhiyin::http {
namespace {

// A handler that answers its name and what stood in the path.
Handler named(std::string name) {
  return [name = std::move(name)](const Request& request) {
    std::string text = name;
    for (const auto& [key, value] : request.path_parameters) text += fmt::format(" {}={}", key, value);
    return text_response(200, text, "text/plain");
  };
}

Request request(Method method, std::string path) {
  Request made{.method = method, .target = path, .path = path};
  made.segments = split_path(path).value();
  return made;
}

class HttpRouter : public testing::Test {
 protected:
  HttpRouter() {
    router_.add(Method::kGet, "/v1/items/{id}", named("item"), "One item.")
        .add(Method::kPut, "/v1/items/{id}", named("put"))
        .add(Method::kGet, "/v1/items/latest", named("latest"))
        .add(Method::kGet, "/v1/items/{id}/similar", named("similar"))
        .add(Method::kGet, "/files/{path...}", named("files"))
        .add(Method::kGet, "/", named("home"));
  }
  Response handle(Method method, const std::string& path) {
    auto made = request(method, path);
    return router_.handle(made);
  }
  std::string get(const std::string& path) { return handle(Method::kGet, path).body; }

  Router router_;
};

TEST_F(HttpRouter, FindsTheHandlerOfAPath) {
  EXPECT_EQ(get("/"), "home");
  EXPECT_EQ(get("/v1/items/7"), "item id=7");
  EXPECT_EQ(get("/v1/items/7/similar"), "similar id=7");
  EXPECT_EQ(handle(Method::kPut, "/v1/items/7").body, "put id=7");
}

TEST_F(HttpRouter, AnIdMayHoldAnything) {
  EXPECT_EQ(get("/v1/items/a%2Fb%20c"), "item id=a/b c");
  EXPECT_EQ(get("/v1/items/%E7%9F%A5%E9%9F%B3/similar"), "similar id=知音");
  EXPECT_EQ(get("/v1/items/.."), "item id=..");
}

TEST_F(HttpRouter, ALiteralBeatsAParameter) {
  EXPECT_EQ(get("/v1/items/latest"), "latest");
  EXPECT_EQ(handle(Method::kPut, "/v1/items/latest").body, "put id=latest");
}

TEST_F(HttpRouter, TheRestOfAPathIsOneParameter) {
  EXPECT_EQ(get("/files/a/b/c.txt"), "files path=a/b/c.txt");
  EXPECT_EQ(handle(Method::kGet, "/files").status, 404);
}

TEST_F(HttpRouter, SaysWhatIsNotThere) {
  EXPECT_EQ(handle(Method::kGet, "/v1/nothing").status, 404);
  EXPECT_EQ(handle(Method::kGet, "/v1/items/").status, 404);
  EXPECT_EQ(handle(Method::kGet, "/v1/items/7/").status, 404);
  const auto error = Json::parse(handle(Method::kGet, "/v1/nothing").body).value()["error"];
  EXPECT_EQ(error["code"].as_string(), "not_found");
}

TEST_F(HttpRouter, SaysWhichMethodsAPathTakes) {
  const auto response = handle(Method::kDelete, "/v1/items/7");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("Allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(handle(Method::kOptions, "/v1/items/7").status, 204);
}

TEST_F(HttpRouter, HeadIsAnsweredByGet) { EXPECT_EQ(handle(Method::kHead, "/v1/items/7").body, "item id=7"); }

TEST_F(HttpRouter, WhatNoRouteMatchesGoesToTheFallback) {
  router_.fallback(named("web"));
  EXPECT_EQ(get("/assets/app.js"), "web");
  EXPECT_EQ(handle(Method::kPost, "/assets/app.js").status, 404);
}

TEST_F(HttpRouter, TellsAnObserverThePatternAndNotTheId) {
  std::vector<std::string> seen;
  router_.observe([&](const Observation& o) { seen.push_back(fmt::format("{} {}", o.pattern, o.status)); });
  get("/v1/items/secret/similar");
  get("/nothing");
  EXPECT_EQ(seen, (std::vector<std::string>{"/v1/items/{id}/similar 200", " 404"}));
}

TEST_F(HttpRouter, TellsAnObserverOfADeferredAnswerOnceItIsThere) {
  const Deferred later;
  std::vector<std::string> seen;
  Response response;
  {
    Router router;
    router.add(Method::kPost, "/v1/{what}", [&](const Request&) { return later.response(); });
    router.observe(
        [&](const Observation& o) { seen.push_back(fmt::format("{} {} {}", o.pattern, o.request.path, o.status)); });
    auto asked = request(Method::kPost, "/v1/events");
    response = router.handle(asked);
  }
  EXPECT_TRUE(seen.empty());
  int status = 0;
  response.pending->when_answered([&](const Response& answered) { status = answered.status; });
  later.answer(error_response(429, "busy", "later"));
  EXPECT_EQ(status, 429);
  EXPECT_EQ(seen, std::vector<std::string>{"/v1/{what} /v1/events 429"});
}

TEST_F(HttpRouter, ListsItsRoutes) {
  ASSERT_EQ(router_.routes().size(), 6U);
  EXPECT_EQ(router_.routes().front().pattern, "/v1/items/{id}");
  EXPECT_EQ(router_.routes().front().summary, "One item.");
}

}  // namespace
}  // namespace zhiyin::http
