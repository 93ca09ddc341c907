// A server of this process that speaks OpenAI's protocol, as well or as badly as a test wants it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/http/server.h"
#include "base/json.h"

namespace zhiyin {

// Answers with what `answer` says; keeps what it was asked.
class FakeEndpoint {
 public:
  FakeEndpoint() {
    server_ = http::Server::start({.port = 0, .threads = 2, .drain_deadline_s = 1}, [this](http::Request& request) {
                const std::lock_guard lock(mutex_);
                requests.push_back(request);
                return answer(request);
              }).value();
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/v1"; }
  [[nodiscard]] std::size_t count() {
    const std::lock_guard lock(mutex_);
    return requests.size();
  }
  void stop() { server_->stop(); }
  std::function<http::Response(const http::Request&)> answer = embeddings;
  std::vector<http::Request> requests;

  // [bytes, 3, 4] for each text, the last text first.
  static http::Response embeddings(const http::Request& request) {
    const auto body = Json::parse(request.body).value();
    auto data = Json::array();
    const auto& texts = body["input"].elements();
    for (std::size_t i = texts.size(); i-- > 0;) {
      data.push(Json::object(
          {{"object", "embedding"}, {"index", i}, {"embedding", Json::array({texts[i].as_string().size(), 3, 4})}}));
    }
    return http::json_response(200, Json::object({{"object", "list"}, {"data", std::move(data)}}));
  }
  static http::Response chat(std::string_view content) {
    return http::json_response(
        200,
        Json::object({{"choices", Json::array({Json::object(
                                      {{"message", Json::object({{"role", "assistant"}, {"content", content}})}})})}}));
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace zhiyin
