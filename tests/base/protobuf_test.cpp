// Messages as the wire carries them: written and read back, and what a stranger may send instead.
#include "base/protobuf.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

TEST(Protobuf, ReadsWhatItWrote) {
  ProtobufWriter inner;
  inner.integer(1, -1);
  ProtobufWriter writer;
  writer.integer(3, 300);
  writer.real(2, 1.5F);
  writer.text(15, "知音");
  writer.message(536'870'911, inner);
  const auto bytes = writer.take();
  EXPECT_EQ(bytes.substr(0, 3), "\x18\xac\x02") << "the example of the documentation: field 3, 300";

  ProtobufReader reader(bytes);
  const auto integer = reader.next().value();
  EXPECT_EQ(integer.number, 3);
  EXPECT_EQ(integer.integer, 300U);
  EXPECT_EQ(integer.whole, bytes.substr(0, 3));
  EXPECT_EQ(reader.next().value().real(), 1.5F);
  EXPECT_EQ(reader.next().value().bytes, "知音");
  const auto message = reader.next().value();
  EXPECT_EQ(message.number, 536'870'911);
  EXPECT_EQ(static_cast<std::int64_t>(ProtobufReader(message.bytes).next().value().integer), -1);
  EXPECT_TRUE(reader.at_end());
}

TEST(Protobuf, RefusesWhatIsCutOffOrNoMessage) {
  using namespace std::string_view_literals;
  for (const auto bytes : {"\x08"sv, "\x08\x80"sv,
                           "\x12\x05"
                           "abcd"sv,
                           "\x15\0\0\0"sv, "\x09\0\0\0\0\0\0\0"sv, "\x0b"sv /* a group */, "\0\0"sv /* number 0 */,
                           "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv /* a length of 2^64 - 1 */,
                           "\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01"sv /* number 2^61 - 1 */,
                           "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv /* a varint without end */}) {
    EXPECT_FALSE(ProtobufReader(bytes).next().ok()) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace zhiyin
