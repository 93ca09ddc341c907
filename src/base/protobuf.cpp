#include "base/protobuf.h"

#include <cstring>

namespace zhiyin {
namespace {

static_assert(std::endian::native == std::endian::little, "fixed numbers are little-endian on the wire");

Error damaged() { return invalid("a protobuf message is cut off or damaged"); }

std::uint64_t bits_of(std::string_view bytes) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes.data(), bytes.size());
  return bits;
}

}  // namespace

Result<std::uint64_t> ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (left_.empty()) return damaged();
    const auto byte = static_cast<unsigned char>(left_[0]);
    left_.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  return damaged();
}

Result<std::string_view> ProtobufReader::take(std::uint64_t size) {
  if (size > left_.size()) return damaged();
  const auto taken = left_.substr(0, size);
  left_.remove_prefix(size);
  return taken;
}

Result<ProtobufField> ProtobufReader::next() {
  const auto* begin = left_.data();
  ProtobufField field;
  ZY_TRY(const auto key, varint());
  constexpr std::uint64_t kLargestNumber = (1U << 29U) - 1;
  if (key >> 3U == 0 || key >> 3U > kLargestNumber) return damaged();
  field.number = static_cast<int>(key >> 3U);
  field.wire_type = static_cast<int>(key & 7U);
  switch (field.wire_type) {
    case 0: {
      ZY_TRY(field.integer, varint());
      break;
    }
    case 1:
    case 5: {
      ZY_TRY(const auto fixed, take(field.wire_type == 1 ? 8 : 4));
      field.integer = bits_of(fixed);
      break;
    }
    case 2: {
      ZY_TRY(const auto size, varint());
      ZY_TRY(field.bytes, take(size));
      break;
    }
    default: return damaged();
  }
  field.whole = {begin, static_cast<std::size_t>(left_.data() - begin)};
  return field;
}

void ProtobufWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>(value | 0x80U);
  bytes_ += static_cast<char>(value);
}

void ProtobufWriter::integer(int field, std::int64_t value) {
  key(field, 0);
  varint(static_cast<std::uint64_t>(value));
}

void ProtobufWriter::real(int field, float value) {
  key(field, 5);
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes_.append(raw, sizeof raw);
}

void ProtobufWriter::real64(int field, double value) {
  key(field, 1);
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes_.append(raw, sizeof raw);
}

void ProtobufWriter::text(int field, std::string_view value) {
  key(field, 2);
  varint(value.size());
  bytes_.append(value);
}

}  // namespace zhiyin
