// Who may ask what, and how often.
//
// A key says who asks: `Authorization: Bearer KEY`, `X-API-Key: KEY`, or as the password of HTTP's Basic scheme, which a
// browser asks its user for and then sends with everything that a page loads. Of a key only its SHA-256 is kept; it is
// compared in constant time with that of every key there is, and never logged. Where no key is set, all is open.
//
// Thread-safe and never changed but for what the quotas count: new settings are a new Access.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http/message.h"

namespace zhiyin {

enum class Scope : std::uint8_t { kNone = 0, kRead = 1, kWrite = 2, kAdmin = 4 };
using Scopes = std::uint8_t;  // of bits of Scope; who has kAdmin may do all

struct AccessKey {
  std::string name;    // what logs and metrics call it
  std::string sha256;  // of the key, lower-case hex
  Scopes scopes = 0;
  double requests_per_second = 0;  // on average; 0: no limit
  double burst = 0;                // at once; 0: what one second allows, at least one
  std::string home;                // the folder that it opens; empty: the one that `serve` was started on

  friend bool operator==(const AccessKey&, const AccessKey&) = default;
};

struct AccessOptions {
  std::vector<AccessKey> keys;  // none: everything is open
  Scopes anonymous = 0;         // what may be done without a key once there are keys
  bool open_metrics = true;     // else they want kRead

  friend bool operator==(const AccessOptions&, const AccessOptions&) = default;
};

// What a request needs. Deciding by method and path, so that a route that is added later is closed until it is said to
// be harmless: what changes nothing is kRead, /v1/admin is kAdmin, all else kWrite; what asks for the health is free.
Scope scope_needed(const http::Request& request, bool open_metrics);

struct Admission {
  std::string caller;                     // the key's name; empty without one
  std::string home;                       // as AccessKey::home
  std::optional<http::Response> refusal;  // 401, 403 or 429
};

class Access {
 public:
  using Seconds = std::function<double()>;  // a steady clock

  explicit Access(AccessOptions options);
  Access(AccessOptions options, Seconds now);

  [[nodiscard]] Admission admit(const http::Request& request) const;
  [[nodiscard]] const AccessOptions& options() const { return options_; }

 private:
  // Tokens trickle in at the key's rate up to its burst; a request takes one.
  struct Bucket {
    double tokens = 0;
    double filled = 0;  // when tokens was right
  };

  [[nodiscard]] std::optional<std::size_t> find(std::string_view given) const;
  // Seconds until there is room, 0 if there is.
  double wait_for_room(std::size_t key) const;

  AccessOptions options_;
  Seconds now_;
  mutable std::mutex mutex_;
  mutable std::vector<Bucket> buckets_;  // GUARDED_BY(mutex_): one a key
};

}  // namespace zhiyin
