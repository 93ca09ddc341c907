// Whose word counts for where a request came from.
#include "base/http/forwarded.h"

#include <gtest/gtest.h>

namespace zhiyin::http {
namespace {

std::string origin(const std::string& proxies, const std::string& peer, const std::vector<std::string>& forwarded) {
  Request request{.peer = peer};
  for (const auto& value : forwarded) request.headers.add("X-Forwarded-For", value);
  return TrustedProxies::parse(proxies).value().origin_of(request);
}

TEST(TrustedProxiesTest, AStrangersHeaderIsNotBelieved) {
  EXPECT_EQ(origin("", "127.0.0.1", {"6.6.6.6"}), "127.0.0.1");
  EXPECT_EQ(origin("10.0.0.0/8", "11.0.0.1", {"6.6.6.6"}), "11.0.0.1");
}

TEST(TrustedProxiesTest, TheLastThatIsNoProxyOfOursIsTheOrigin) {
  EXPECT_EQ(origin("10.0.0.0/8", "10.1.2.3", {"6.6.6.6, 7.7.7.7, 10.9.9.9"}), "7.7.7.7");
  EXPECT_EQ(origin("10.0.0.0/8", "10.1.2.3", {"6.6.6.6", "7.7.7.7"}), "7.7.7.7");
  EXPECT_EQ(origin("10.0.0.0/8", "10.1.2.3", {"10.0.0.1"}), "10.0.0.1");
  EXPECT_EQ(origin("10.0.0.0/8", "10.1.2.3", {}), "10.1.2.3");
  EXPECT_EQ(origin("10.0.0.0/8", "10.1.2.3", {"7.7.7.7, <script>"}), "10.1.2.3");
  EXPECT_EQ(origin("fd00::/8, ::1", "fd12::1", {"2001:db8::7"}), "2001:db8::7");
}

TEST(TrustedProxiesTest, NetworksAreReadToTheBit) {
  const auto proxies = TrustedProxies::parse("192.168.4.0/22, 10.0.0.1").value();
  EXPECT_TRUE(proxies.contain("192.168.7.255"));
  EXPECT_FALSE(proxies.contain("192.168.8.0"));
  EXPECT_TRUE(proxies.contain("10.0.0.1"));
  EXPECT_TRUE(proxies.contain("::ffff:10.0.0.1"));
  EXPECT_FALSE(proxies.contain("10.0.0.2"));
  EXPECT_FALSE(proxies.contain("::1"));
  for (const auto* wrong : {"10.0.0.0/33", "proxy", "10.0.0.0/", "::1/129", "10.0.0.0/8x"})
    EXPECT_FALSE(TrustedProxies::parse(wrong).ok()) << wrong;
}

}  // namespace
}  // namespace zhiyin::http
