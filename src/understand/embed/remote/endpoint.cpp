#include "understand/embed/remote/endpoint.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <thread>

#include "base/http/client.h"

namespace zhiyin {
namespace {

constexpr int kBurst = 5;                           // requests that need not wait after a pause
constexpr std::size_t kAnswerLimit = 64ULL << 20U;  // bytes

Error unavailable(std::string message) { return {ErrorCode::kUnavailable, std::move(message), {}}; }

std::chrono::steady_clock::duration seconds(double s) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(s));
}

double seconds_until(std::chrono::steady_clock::time_point when) {
  return std::chrono::duration<double>(when - std::chrono::steady_clock::now()).count();
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A name as a numeric address; a numeric address stays.
Result<std::string> address_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0) {
    return unavailable(fmt::format("the host \"{}\" has no address: {}", host, ::gai_strerror(code)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &::freeaddrinfo);
  char text[NI_MAXHOST] = {};
  if (::getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) {
    return unavailable(fmt::format("the host \"{}\" has no address", host));
  }
  return std::string(text);
}

struct Url {
  std::string host;
  int port = 80;
  std::string path;
};

Result<Url> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (url.starts_with("https://")) {
    return invalid(
        "https is not spoken here: run the server on this machine or in a network you trust, or put a proxy for TLS "
        "before it");
  }
  if (!url.starts_with(kScheme)) return invalid("http://host:port/path is expected, e.g. http://127.0.0.1:8080/v1");
  url.remove_prefix(kScheme.size());
  Url parsed;
  const auto slash = std::min(url.find('/'), url.size());
  parsed.path = url.substr(slash);
  while (parsed.path.ends_with('/')) parsed.path.pop_back();
  auto host = url.substr(0, slash);
  const auto bracket = host.find(']');  // [::1]:8080
  const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const auto port = number_in<int>(host.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return invalid(fmt::format("\"{}\" is no port", host.substr(colon + 1)));
    parsed.port = *port;
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return invalid("the host is missing");
  parsed.host = host;
  return parsed;
}

// What a server that refuses says: {"error": {"message": ...}} or {"error": "..."}.
std::string reason_in(const http::Response& response) {
  const auto json = Json::parse(response.body);
  std::string_view message;
  if (json.ok())
    message = (*json)["error"].is_string() ? (*json)["error"].as_string() : (*json)["error"]["message"].as_string();
  return fmt::format("{} {}{}{}", response.status, http::status_text(response.status), message.empty() ? "" : ": ",
                     message.substr(0, 300));
}

}  // namespace

Result<std::unique_ptr<Endpoint>> Endpoint::open(const EndpointOptions& options) {
  const auto opened = [&]() -> Result<std::unique_ptr<Endpoint>> {
    ZY_TRY(const auto url, parse_url(options.url));
    std::unique_ptr<Endpoint> endpoint(new Endpoint(options));
    ZY_TRY(endpoint->address_, address_of(url.host));
    endpoint->port_ = url.port;
    endpoint->base_ = url.path;
    while (endpoint->options_.url.ends_with('/')) endpoint->options_.url.pop_back();  // paths are written behind it
    endpoint->headers_.add("Content-Type", "application/json");
    endpoint->headers_.add("Connection", "close");
    if (!options.key_env.empty()) {
      const char* key = std::getenv(options.key_env.c_str());
      if (key == nullptr || *key == '\0')
        return invalid(fmt::format("the environment variable {} (endpoint.key_env) is not set", options.key_env));
      if (std::string_view(key).find_first_of("\r\n") != std::string_view::npos)
        return invalid(fmt::format("{} holds more than one line", options.key_env));
      endpoint->headers_.add("Authorization", fmt::format("Bearer {}", key));
    }
    return endpoint;
  };
  return opened().in(fmt::format("endpoint {}", options.url));
}

Result<Json> Endpoint::post(std::string_view path, const Json& body) const {
  {
    const std::lock_guard lock(mutex_);
    if (failures_ >= kTrust && Clock::now() < distrust_until_) {
      return unavailable(fmt::format("endpoint {}: left alone for {:.0f} s more after {} failed calls", options_.url,
                                     seconds_until(distrust_until_), failures_));
    }
  }
  auto answer = call(path, body.dump());
  note(answer.ok() || answer.error().code == ErrorCode::kInvalid);
  return std::move(answer).in(fmt::format("endpoint {}{}", options_.url, path));
}

void Endpoint::note(bool good) const {
  const std::lock_guard lock(mutex_);
  failures_ = good ? 0 : failures_ + 1;
  if (!good) distrust_until_ = Clock::now() + seconds(options_.distrust_s);
}

// Turns stand 60 / requests_per_minute seconds apart; those of a pause before are kept, up to kBurst.
Result<void> Endpoint::wait_turn(Clock::time_point deadline) const {
  Clock::time_point turn;
  {
    const std::lock_guard lock(mutex_);
    const auto apart = seconds(60 / options_.requests_per_minute);
    const auto now = Clock::now();
    next_turn_ = std::max(next_turn_, now - (kBurst - 1) * apart);
    if (next_turn_ > deadline) {
      return unavailable(fmt::format("no turn within {} s at {} requests a minute (endpoint.requests_per_minute)",
                                     options_.timeout_s, options_.requests_per_minute));
    }
    turn = next_turn_;
    next_turn_ += apart;
  }
  std::this_thread::sleep_until(turn);
  return {};
}

Result<Json> Endpoint::call(std::string_view path, const std::string& body) const {
  const auto deadline = Clock::now() + seconds(options_.timeout_s);
  double pause_s = options_.first_pause_s;
  std::string problem;
  for (int tried = 0; tried < kAttempts; ++tried) {
    if (tried > 0) {
      if (seconds_until(deadline) <= pause_s) break;
      std::this_thread::sleep_for(seconds(pause_s));
      pause_s *= 2;
    }
    ZY_CHECK_OK(wait_turn(deadline));
    const auto response = attempt(path, body, seconds_until(deadline));
    if (!response.ok()) {
      problem = response.error().message;
      continue;
    }
    if (response->status == 200) {
      auto json = Json::parse(response->body);
      if (!json.ok()) return unavailable(fmt::format("the answer is not JSON: {}", json.error().message));
      return json;
    }
    problem = reason_in(*response);
    if (response->status != 429 && response->status < 500) return invalid(problem);
    if (const auto wait = response->headers.get("Retry-After"))
      pause_s = std::max(pause_s, number_in<double>(*wait).value_or(0));
  }
  return unavailable(problem.empty() ? fmt::format("no answer within {} s", options_.timeout_s) : problem);
}

Result<http::Response> Endpoint::attempt(std::string_view path, const std::string& body, double timeout_s) const {
  if (timeout_s <= 0) return unavailable(fmt::format("no answer within {} s (endpoint.timeout_s)", options_.timeout_s));
  ZY_TRY(const auto client,
         http::Client::connect(address_, port_, {.timeout_s = timeout_s, .body_limit = kAnswerLimit}));
  return client->request(http::Method::kPost, base_ + std::string(path), body, headers_);
}

}  // namespace zhiyin
