#include "app/serve/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/base64.h"
#include "base/counters.h"
#include "base/sha256.h"
#include "base/text.h"

namespace zhiyin {
namespace {

using http::Method;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double burst_of(const AccessKey& key) { return key.burst > 0 ? key.burst : std::max(1.0, key.requests_per_second); }

bool allows(Scopes scopes, Scope needed) {
  if (needed == Scope::kNone || (scopes & static_cast<Scopes>(Scope::kAdmin)) != 0) return true;
  return (scopes & static_cast<Scopes>(needed)) != 0;
}

struct Credentials {
  std::string key;
  bool by_browser = false;  // it sends them on its own, also when another site's page asks
};

std::optional<Credentials> credentials_of(const http::Request& request) {
  if (const auto key = request.headers.get("X-API-Key"); key && !key->empty()) return Credentials{std::string(*key)};
  const auto header = request.headers.get("Authorization");
  if (!header) return std::nullopt;
  const auto space = header->find(' ');
  if (space == std::string_view::npos) return Credentials{std::string(*header)};
  const auto scheme = ascii_lower(header->substr(0, space));
  const auto rest = trim(header->substr(space));
  if (scheme != "basic") return Credentials{std::string(rest)};
  const auto decoded = from_base64(rest);
  if (!decoded.ok()) return Credentials{};
  const auto colon = decoded->find(':');
  return Credentials{colon == std::string::npos ? "" : decoded->substr(colon + 1), true};
}

// Whether a browser says that another site's page made it ask.
bool is_cross_site(const http::Request& request) {
  const auto from = request.headers.get("Sec-Fetch-Site");
  return from && *from != "same-origin" && *from != "none";
}

bool changes_nothing(const http::Request& request) {
  return request.method == Method::kGet || request.method == Method::kHead || request.method == Method::kOptions;
}

Counter& refused(const char* reason) {
  return counter("zhiyin_access_refused_total", "Requests refused for want of a key, a scope or quota.",
                 {{"reason", reason}});
}

http::Response no_key(const http::Request& request, std::string_view message) {
  refused("key").add();
  auto response = http::error_response(401, "unauthorized", message);
  response.headers.add("WWW-Authenticate", "Bearer realm=\"zhiyin\"");
  // A person who opens the page is asked for the key; a program is not shown a browser's window.
  if (request.headers.get("Accept").value_or("").find("text/html") != std::string_view::npos)
    response.headers.add("WWW-Authenticate", "Basic realm=\"zhiyin: the key is the password\", charset=\"UTF-8\"");
  return response;
}

http::Response no_scope(std::string_view message) {
  refused("scope").add();
  return http::error_response(403, "forbidden", message);
}

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::kNone: return "none";
    case Scope::kRead: return "read";
    case Scope::kWrite: return "write";
    case Scope::kAdmin: return "admin";
  }
  return "none";
}

}  // namespace

Scope scope_needed(const http::Request& request, bool open_metrics) {
  const auto& path = request.segments;
  const auto at = [&](std::size_t i) { return i < path.size() ? std::string_view(path[i]) : std::string_view(); };
  if (request.method == Method::kOptions) return Scope::kNone;
  if (at(0) == "v1" && at(1) == "admin") return Scope::kAdmin;
  if (changes_nothing(request)) {
    if (path.size() == 1 && (at(0) == "healthz" || at(0) == "readyz")) return Scope::kNone;
    if (at(0) == "api" && at(1) == "health") return Scope::kNone;  // Gorse's
    if (path.size() == 1 && at(0) == "metrics") return open_metrics ? Scope::kNone : Scope::kRead;
    // Gorse's recommendations may be logged as seen on the way.
    return request.query.get_or("write-back-type", "").empty() ? Scope::kRead : Scope::kWrite;
  }
  // Questions that are too long for a URL.
  const bool asks =
      request.method == Method::kPost && ((at(0) == "v1" && (at(1) == "recommend" || at(1) == "search")) ||
                                          (at(0) == "api" && at(1) == "session" && at(2) == "recommend"));
  return asks ? Scope::kRead : Scope::kWrite;
}

Access::Access(AccessOptions options) : Access(std::move(options), steady_seconds) {}

Access::Access(AccessOptions options, Seconds now) : options_(std::move(options)), now_(std::move(now)) {
  for (const auto& key : options_.keys) buckets_.push_back({burst_of(key), now_()});
}

Admission Access::admit(const http::Request& request) const {
  const auto credentials = credentials_of(request);
  if (!changes_nothing(request) && (!credentials || credentials->by_browser) && is_cross_site(request))
    return {.refusal = no_scope("another site's page may not change anything here")};
  if (options_.keys.empty()) return {};

  const auto needed = scope_needed(request, options_.open_metrics);
  if (!credentials) {
    if (allows(options_.anonymous, needed)) return {};
    return {.refusal = no_key(request, "send a key: Authorization: Bearer KEY, or X-API-Key: KEY")};
  }
  const auto index = find(credentials->key);
  if (!index) {
    if (needed == Scope::kNone) return {};
    return {.refusal = no_key(request, "this key is not known here")};
  }
  const auto& key = options_.keys[*index];
  Admission admission{.caller = key.name, .home = key.home};
  if (!allows(key.scopes, needed)) {
    admission.refusal = no_scope(
        fmt::format("the key \"{}\" may not do this: it lacks the scope \"{}\"", key.name, scope_name(needed)));
  } else if (const double wait = needed == Scope::kNone ? 0 : wait_for_room(*index); wait > 0) {
    refused("quota").add();
    admission.refusal = http::error_response(
        429, "quota", fmt::format("the key \"{}\" has {} requests a second", key.name, key.requests_per_second));
    admission.refusal->headers.add("Retry-After", fmt::format("{:.0f}", std::ceil(wait)));
  }
  return admission;
}

// Every key is compared, whichever fits: the time taken says nothing.
std::optional<std::size_t> Access::find(std::string_view given) const {
  Sha256 hash;
  hash.add(given);
  const auto digest = hash.hex();
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < options_.keys.size(); ++i) {
    if (same_secret(digest, options_.keys[i].sha256)) found = i;
  }
  return found;
}

double Access::wait_for_room(std::size_t index) const {
  const auto& key = options_.keys[index];
  if (key.requests_per_second <= 0) return 0;
  const std::scoped_lock lock(mutex_);
  auto& bucket = buckets_[index];
  const double now = now_();
  bucket.tokens = std::min(burst_of(key), bucket.tokens + (now - bucket.filled) * key.requests_per_second);
  bucket.filled = now;
  if (bucket.tokens < 1) return (1 - bucket.tokens) / key.requests_per_second;
  bucket.tokens -= 1;
  return 0;
}

}  // namespace zhiyin
