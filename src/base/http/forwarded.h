// Who asks through a proxy: X-Forwarded-For is believed from proxies that are known, and from nobody else.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/http/message.h"
#include "base/result.h"

namespace zhiyin::http {

class TrustedProxies {
 public:
  TrustedProxies() = default;  // none

  // Addresses and networks with commas between: "127.0.0.1, 10.0.0.0/8, fd00::/8".
  static Result<TrustedProxies> parse(std::string_view list);

  [[nodiscard]] bool contain(std::string_view address) const;

  // The address that a request came from before it reached the first of these proxies; its peer where that is none. Of
  // the header it is the last entry that is no proxy of ours: what stands before it, its sender may have made up.
  [[nodiscard]] std::string origin_of(const Request& request) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address{};  // IPv4 as ::ffff:a.b.c.d
    int bits = 128;
  };
  std::vector<Network> networks_;
};

}  // namespace zhiyin::http
