// Framing on bytes alone: what is one request, where it ends, and what is refused.
#include "base/http/request_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace zhiyin::http {
namespace {

struct Outcome {
  Reading reading;
  int status;  // of the refusal
  std::string rest;
};

Outcome read(std::string_view bytes, ReadLimits limits = {}) {
  RequestReader reader(limits);
  const auto reading = reader.feed(bytes);
  return {reading, reading == Reading::kFailed ? reader.failure().status : 0, std::string(bytes)};
}

int refusal(std::string_view bytes, ReadLimits limits = {}) { return read(bytes, limits).status; }

TEST(HttpRequestReader, ReadsARequest) {
  RequestReader reader({});
  std::string_view bytes =
      "POST /v1/a%2Fb?n=3 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nX-Name: value\r\n\r\nbodyGET";
  ASSERT_EQ(reader.feed(bytes), Reading::kDone);
  const auto& request = reader.request();
  EXPECT_EQ(request.method, Method::kPost);
  EXPECT_EQ(request.target, "/v1/a%2Fb?n=3");
  EXPECT_EQ(request.path, "/v1/a%2Fb");
  EXPECT_EQ(request.segments.back(), "a/b");
  EXPECT_EQ(request.query.get("n"), "3");
  EXPECT_EQ(request.headers.get("x-name"), "value");
  EXPECT_EQ(request.body, "body");
  EXPECT_TRUE(reader.keep_alive());
  EXPECT_EQ(bytes, "GET");  // the next request's
}

TEST(HttpRequestReader, BytesMayComeOneAtATime) {
  const std::string text =
      "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nTrailer: "
      "t\r\n\r\n";
  RequestReader reader({});
  std::string pending;
  auto reading = Reading::kHeader;
  for (const char c : text) {
    ASSERT_NE(reading, Reading::kDone);
    pending += c;
    std::string_view bytes = pending;
    reading = reader.feed(bytes);
    ASSERT_NE(reading, Reading::kFailed) << reader.failure().body;
    pending = bytes;
  }
  EXPECT_EQ(reading, Reading::kDone);
  EXPECT_EQ(reader.request().body, "abcde");
  EXPECT_FALSE(reader.request().headers.has("Trailer"));
}

TEST(HttpRequestReader, ReadsOnAfterReset) {
  RequestReader reader({});
  std::string_view bytes = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.0\r\n\r\n";
  ASSERT_EQ(reader.feed(bytes), Reading::kDone);
  reader.reset();
  ASSERT_EQ(reader.feed(bytes), Reading::kDone);
  EXPECT_EQ(reader.request().path, "/2");
  EXPECT_FALSE(reader.keep_alive());
}

TEST(HttpRequestReader, RefusesAmbiguousFraming) {
  const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(refusal(start + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(refusal(start + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(refusal(start + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), 400);
  EXPECT_EQ(refusal(start + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), 400);
  EXPECT_EQ(refusal(start + "Content-Length: 3, 3\r\n\r\nabc"), 400);
  EXPECT_EQ(refusal(start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 501);
  EXPECT_EQ(refusal(start + "Transfer-Encoding: identity\r\n\r\n"), 501);
  EXPECT_EQ(refusal(start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST(HttpRequestReader, RefusesLengthsThatAreNone) {
  for (const auto* length : {"-1", "+1", "0x10", "1 2", "", "99999999999999999999999", "1e3"}) {
    EXPECT_EQ(refusal(fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", length)), 400) << length;
  }
}

TEST(HttpRequestReader, RefusesMalformedHeaders) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost : x\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"), 400);
  EXPECT_EQ(refusal(std::string_view("GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n", 29)), 400);
  EXPECT_EQ(refusal("GET /\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET no-slash HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(refusal("\x16\x03\x01\x02 TLS to a plain port\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), 505);
}

TEST(HttpRequestReader, AsksForExactlyOneHost) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(read("GET / HTTP/1.0\r\n\r\n").reading, Reading::kDone);
}

TEST(HttpRequestReader, LimitsTheHeader) {
  const ReadLimits limits{.header = 1000};
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(refusal(start + "A: " + std::string(64 * 1024, 'a') + "\r\n\r\n"), 431);
  EXPECT_EQ(refusal(start + "A: " + std::string(2000, 'a'), limits), 431);
  EXPECT_EQ(refusal("GET /" + std::string(2000, 'a'), limits), 431);
  EXPECT_EQ(read(start + "A: " + std::string(900, 'a') + "\r\n\r\n", limits).reading, Reading::kDone);
}

TEST(HttpRequestReader, LimitsAHeaderThatDripsInFieldByField) {
  RequestReader reader({.header = 1000});
  std::string_view bytes = "GET / HTTP/1.1\r\nHost: x\r\n";
  std::string pending(bytes);
  auto reading = Reading::kHeader;
  for (int i = 0; i < 1000 && reading == Reading::kHeader; ++i) {
    std::string_view rest = pending;
    reading = reader.feed(rest);
    pending = std::string(rest) + "Field: value\r\n";
  }
  ASSERT_EQ(reading, Reading::kFailed);
  EXPECT_EQ(reader.failure().status, 431);
}

TEST(HttpRequestReader, LimitsTheBody) {
  const ReadLimits limits{.body = 10};
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n", limits), 413);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n",
                    limits),
            413);
  EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789", limits).reading, Reading::kDone);
}

TEST(HttpRequestReader, LimitsWhatStandsAroundChunks) {
  const std::string start = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(refusal(start + "5;" + std::string(20'000, 'a')), 400);
  EXPECT_EQ(refusal(start + "0\r\nA: " + std::string(20'000, 'a')), 400);
  EXPECT_EQ(refusal(start + "zz\r\n"), 400);
  EXPECT_EQ(refusal(start + "3\r\nabcXY0\r\n\r\n"), 400);
}

TEST(HttpRequestReader, SaysWhenTheClientWaitsForContinue) {
  RequestReader reader({});
  std::string_view bytes = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  EXPECT_EQ(reader.feed(bytes), Reading::kBody);
  EXPECT_TRUE(reader.expects_continue());
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n"), 417);
}

TEST(HttpRequestReader, TakesATargetThatAProxyWouldGet) {
  RequestReader reader({});
  std::string_view bytes = "GET http://example.org/v1/x?n=1 HTTP/1.1\r\nHost: example.org\r\n\r\n";
  ASSERT_EQ(reader.feed(bytes), Reading::kDone);
  EXPECT_EQ(reader.request().path, "/v1/x");
  EXPECT_EQ(reader.request().query.get("n"), "1");
}

}  // namespace
}  // namespace zhiyin::http
