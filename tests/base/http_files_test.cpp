// Files over HTTP: ranges, conditions, and nothing outside the folder.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"
#include "base/http/client.h"
#include "base/http/file_answer.h"
#include "base/http/router.h"
#include "base/http/server.h"

namespace zhiyin::http {
namespace {

using Kind = RangeAnswer::Kind;

TEST(HttpRange, ReadsOneRange) {
  const auto range = [](std::string_view header) {
    const auto answer = parse_range(header, 1000);
    return answer.kind == Kind::kRange ? fmt::format("{}+{}", answer.range.first, answer.range.length)
                                       : std::string(answer.kind == Kind::kNone ? "whole" : "416");
  };
  EXPECT_EQ(range("bytes=0-0"), "0+1");
  EXPECT_EQ(range("bytes=0-"), "0+1000");
  EXPECT_EQ(range("bytes=990-2000"), "990+10");
  EXPECT_EQ(range("bytes=-5"), "995+5");
  EXPECT_EQ(range("bytes=-5000"), "0+1000");
  EXPECT_EQ(range("bytes=0-99999999999999999999999"), "0+1000");
  EXPECT_EQ(range("bytes=1000-"), "416");
  EXPECT_EQ(range("bytes=-0"), "416");
  for (const auto* header : {"bytes=0-1,5-6", "items=0-1", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=--5",
                             "bytes=1-x", "bytes=-x", "bytes=+1-2"}) {
    EXPECT_EQ(range(header), "whole") << header;
  }
  EXPECT_EQ(parse_range("bytes=0-", 0).kind, Kind::kUnsatisfiable);
}

TEST(HttpDate, ComesBack) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_http_date("yesterday"), std::nullopt);
}

class HttpFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("zhiyin-http-{}", ::getpid());
    std::filesystem::create_directories(folder_ / "web/assets");
    for (int i = 0; i < 3'000'000; ++i) clip_ += static_cast<char>('a' + i % 26 + i / 1000 % 3);
    ASSERT_TRUE(write_file_atomic(folder_ / "web/clip.mp4", clip_).ok());
    ASSERT_TRUE(write_file_atomic(folder_ / "web/index.html", "<p>知音</p>").ok());
    ASSERT_TRUE(write_file_atomic(folder_ / "web/assets/app-1.js", "1").ok());
    ASSERT_TRUE(write_file_atomic(folder_ / "web/empty.txt", "").ok());
    ASSERT_TRUE(write_file_atomic(folder_ / "secret.txt", "secret").ok());
    server_ = Server::start({.port = 0, .threads = 1}, static_files(folder_ / "web")).value();
    client_ = Client::connect("127.0.0.1", server_->port()).value();
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  Response get(std::string_view path, const Headers& headers = {}) { return client_->get(path, headers).value(); }

  std::filesystem::path folder_;
  std::string clip_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

TEST_F(HttpFiles, AreSentWhole) {
  const auto response = get("/clip.mp4");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Type"), "video/mp4");
  EXPECT_EQ(response.headers.get("Accept-Ranges"), "bytes");
  EXPECT_TRUE(response.body == clip_);
  EXPECT_EQ(get("/empty.txt").body, "");
  EXPECT_EQ(get("/").body, "<p>知音</p>");
  EXPECT_EQ(get("/").headers.get("Cache-Control"), "no-cache");
  EXPECT_NE(get("/assets/app-1.js").headers.get("Cache-Control")->find("immutable"), std::string_view::npos);
}

TEST_F(HttpFiles, AreSentInRanges) {
  const auto middle = get("/clip.mp4", {{"Range", "bytes=1000-1999999"}});
  EXPECT_EQ(middle.status, 206);
  EXPECT_EQ(middle.headers.get("Content-Range"), "bytes 1000-1999999/3000000");
  EXPECT_TRUE(middle.body == clip_.substr(1000, 1'999'000));
  EXPECT_TRUE(get("/clip.mp4", {{"Range", "bytes=-7"}}).body == clip_.substr(clip_.size() - 7));

  const auto beyond = get("/clip.mp4", {{"Range", "bytes=3000000-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.headers.get("Content-Range"), "bytes */3000000");
  EXPECT_EQ(get("/clip.mp4", {{"Range", "bytes=0-1,4-5"}}).status, 200);  // several ranges: the whole
}

TEST_F(HttpFiles, HeadTellsTheSizeAndIgnoresRanges) {
  const auto response = client_->request(Method::kHead, "/clip.mp4", {}, {{"Range", "bytes=0-1"}}).value();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Length"), "3000000");
  EXPECT_EQ(get("/empty.txt").status, 200);
}

TEST_F(HttpFiles, AreNotSentAgainUnchanged) {
  const auto first = get("/clip.mp4");
  const std::string tag(first.headers.get("ETag").value());
  const std::string date(first.headers.get("Last-Modified").value());
  EXPECT_EQ(get("/clip.mp4", {{"If-None-Match", "\"x\", W/" + tag}}).status, 304);
  EXPECT_EQ(get("/clip.mp4", {{"If-None-Match", "\"x\""}}).status, 200);
  EXPECT_EQ(get("/clip.mp4", {{"If-Modified-Since", date}}).status, 304);

  const auto range = [&](std::string condition) {
    return get("/clip.mp4", {{"Range", "bytes=0-9"}, {"If-Range", std::move(condition)}}).status;
  };
  EXPECT_EQ(range(tag), 206);
  EXPECT_EQ(range(date), 206);
  EXPECT_EQ(range("\"other\""), 200);
}

TEST_F(HttpFiles, NothingOutsideTheFolderIsSent) {
  for (const auto* path : {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2Fsecret.txt", "/assets/../../secret.txt",
                           "//etc/passwd", "/assets", "/assets/", "/none.txt"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(HttpFiles, AClientMayLeaveInTheMiddle) {
  for (int i = 0; i < 20; ++i) {
    const auto leaver = Client::connect("127.0.0.1", server_->port()).value();
    ASSERT_TRUE(leaver->send("GET /clip.mp4 HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  }
  EXPECT_EQ(get("/").status, 200);
}

}  // namespace
}  // namespace zhiyin::http
