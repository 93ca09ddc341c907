// A server that speaks OpenAI's protocol, as llama.cpp, vLLM and Ollama do: the large model that does not run in this
// process. Off unless a URL is set.
//
// A call is boxed in time: waiting its turn, every attempt and the pauses between them share timeout_s (one attempt
// that has begun may take as long again to end). 429 and 5xx, and a connection that fails, are tried again after a
// pause that doubles, or as long as Retry-After says; other answers are not. After kTrust failed calls in a row the
// server is left alone for a while, so that one that is down costs little. Every error is kUnavailable or kInvalid, in
// words that name the URL; no caller may let an item fail because of one.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/http/message.h"
#include "base/json.h"
#include "base/result.h"

namespace zhiyin {

struct EndpointOptions {
  std::string url;         // "http://127.0.0.1:8080/v1"; empty: no endpoint
  std::string model;       // that embeds texts; empty: none does
  std::string chat_model;  // that writes summaries and tags; empty: none does
  std::string key_env;     // the environment variable that holds the key, if the server wants one
  double requests_per_minute = 60;
  double timeout_s = 30;
  double first_pause_s = 0.5;  // before the second attempt
  double distrust_s = 30;      // how long a failing server is left alone
};

class Endpoint {
 public:
  static constexpr int kAttempts = 4;
  static constexpr int kTrust = 3;

  // Nothing is sent. Errors: a URL that is not http://host[:port][/path], a host that has no address, a variable that
  // is not set.
  static Result<std::unique_ptr<Endpoint>> open(const EndpointOptions& options);

  // What the server answers to the body, sent to url + path.
  [[nodiscard]] Result<Json> post(std::string_view path, const Json& body) const;

  [[nodiscard]] const EndpointOptions& options() const { return options_; }

 private:
  using Clock = std::chrono::steady_clock;
  explicit Endpoint(EndpointOptions options) : options_(std::move(options)) {}

  [[nodiscard]] Result<void> wait_turn(Clock::time_point deadline) const;
  [[nodiscard]] Result<Json> call(std::string_view path, const std::string& body) const;
  [[nodiscard]] Result<http::Response> attempt(std::string_view path, const std::string& body, double timeout_s) const;
  void note(bool good) const;

  EndpointOptions options_;
  std::string address_;  // numeric
  int port_ = 80;
  std::string base_;  // the path of the URL, without a slash at its end
  http::Headers headers_;

  mutable std::mutex mutex_;
  mutable Clock::time_point next_turn_;       // guarded by mutex_
  mutable Clock::time_point distrust_until_;  // guarded by mutex_
  mutable int failures_ = 0;                  // in a row; guarded by mutex_
};

}  // namespace zhiyin
