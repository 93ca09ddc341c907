#include "base/http/forwarded.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace zhiyin::http {
namespace {

using Address = std::array<std::uint8_t, 16>;

bool is_v4(std::string_view text) { return text.find(':') == std::string_view::npos; }

std::optional<Address> parse_address(std::string_view given) {
  const std::string text(given);
  Address address{};
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (::inet_pton(AF_INET, text.c_str(), address.data() + 12) == 1) return address;
  return std::nullopt;
}

bool same_start(const Address& a, const Address& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(std::string_view list) {
  TrustedProxies proxies;
  for (const auto part : split(list, ',')) {
    const auto text = trim(part);
    if (text.empty()) continue;
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    const int all = is_v4(text) ? 32 : 128;
    int bits = all;
    bool fine = address.has_value();
    if (slash != std::string_view::npos) {
      const auto digits = text.substr(slash + 1);
      const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
      fine = fine && failure == std::errc() && end == digits.data() + digits.size() && bits >= 0 && bits <= all;
    }
    if (!fine) return invalid(fmt::format("\"{}\" is no address and no network (10.0.0.0/8)", text));
    proxies.networks_.push_back({*address, bits + 128 - all});
  }
  return proxies;
}

bool TrustedProxies::contain(std::string_view text) const {
  const auto address = parse_address(text);
  return address && std::ranges::any_of(networks_, [&](const Network& network) {
           return same_start(*address, network.address, network.bits);
         });
}

std::string TrustedProxies::origin_of(const Request& request) const {
  auto origin = request.peer;
  if (networks_.empty() || !contain(origin)) return origin;
  std::vector<std::string_view> hops;
  for (const auto& [name, value] : request.headers) {
    if (ascii_lower(name) != "x-forwarded-for") continue;
    for (const auto part : split(value, ',')) hops.push_back(trim(part));
  }
  while (!hops.empty() && contain(origin)) {
    if (!parse_address(hops.back())) break;
    origin = hops.back();
    hops.pop_back();
  }
  return origin;
}

}  // namespace zhiyin::http
