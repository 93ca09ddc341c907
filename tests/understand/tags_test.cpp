#include "understand/media/tags.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace zhiyin {
namespace {

TEST(ToUtf8, LeavesValidTextAlone) {
  for (const auto* text : {"", "plain", "知音", "Björk – Jóga", "Ça, c’est déjà fait"}) EXPECT_EQ(to_utf8(text), text);
}

TEST(ToUtf8, ReadsChineseBytesOfOldTaggers) { EXPECT_EQ(to_utf8("\xd6\xdc\xbd\xdc\xc2\xd7"), "周杰伦"); }

TEST(ToUtf8, PutsChineseRightThatWasDeclaredLatin1) { EXPECT_EQ(to_utf8("ÖÜ½ÜÂ×"), "周杰伦"); }

TEST(ToUtf8, TakesOtherBytesForWesternOnes) {
  EXPECT_EQ(to_utf8("Bj\xf6rk"), "Björk");
  EXPECT_EQ(to_utf8("it\x92s"), "it’s");
}

TEST(ToUtf8, AnyBytesBecomeValid) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_TRUE(is_utf8(to_utf8(bytes)));
}

}  // namespace
}  // namespace zhiyin
