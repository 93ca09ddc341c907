// Bytes that a text carries.
#include "base/base64.h"

#include <gmock/gmock.h>

namespace zhiyin {
namespace {

TEST(Base64, IsReadWithAndWithoutPadding) {
  EXPECT_EQ(from_base64("QmlhcyE=").value(), "Bias!");
  EXPECT_EQ(from_base64("QmlhcyE").value(), "Bias!");
  EXPECT_EQ(from_base64("").value(), "");
}

TEST(Base64, NamesTheByteThatDoesNotBelong) {
  EXPECT_THAT(from_base64("Qml*").error().message, testing::HasSubstr("byte 42 at 3"));
}

TEST(Base64, OfAddressesReadsWhatItWrites) {
  for (const std::string bytes : {"", "a", "ab", "abc", "\xff\xfe\xfd\xfc", "\xfb\xef\xbe"}) {
    const auto text = to_base64url(bytes);
    EXPECT_EQ(from_base64url(text).value(), bytes);
    EXPECT_EQ(text.find_first_of("+/="), std::string::npos) << text;
  }
  EXPECT_EQ(to_base64url("\xfb\xef\xbe"), "----");
}

}  // namespace
}  // namespace zhiyin
