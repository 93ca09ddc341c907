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

}  // namespace
}  // namespace zhiyin
