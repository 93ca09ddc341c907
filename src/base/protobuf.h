// The wire format of Protocol Buffers, read and written without a library: a message is a sequence of fields, each a
// number, a wire type and a value (https://protobuf.dev/programming-guides/encoding). What a number means is its
// schema's affair, and the caller's.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zhiyin {

struct ProtobufField {
  int number = 0;
  int wire_type = 0;
  std::uint64_t integer = 0;  // wire types 0 (a varint), 1 and 5 (eight and four bytes, as bits)
  std::string_view bytes;     // wire type 2: text, packed numbers, or a message
  std::string_view whole;     // the field as it stands in the message, its key with it

  [[nodiscard]] float real() const { return std::bit_cast<float>(static_cast<std::uint32_t>(integer)); }
};

// Reads a message field by field. The bytes may be anybody's: every length is checked. They must outlive the fields.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view bytes) : left_(bytes) {}
  [[nodiscard]] bool at_end() const { return left_.empty(); }
  // kInvalid: a message that is cut off, or a wire type that nobody writes any longer.
  Result<ProtobufField> next();
  // One number of a packed list, which is varints without keys.
  Result<std::uint64_t> varint();

 private:
  Result<std::string_view> take(std::uint64_t size);
  std::string_view left_;
};

// Appends fields to a message.
class ProtobufWriter {
 public:
  void integer(int field, std::int64_t value);
  void real(int field, float value);
  void real64(int field, double value);
  void text(int field, std::string_view value);
  void message(int field, const ProtobufWriter& value) { text(field, value.bytes_); }
  void whole(std::string_view fields) { bytes_.append(fields); }  // as ProtobufField::whole has them

  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  void key(int field, unsigned wire_type) { varint(static_cast<std::uint64_t>(field) << 3U | wire_type); }
  void varint(std::uint64_t value);
  std::string bytes_;
};

}  // namespace zhiyin
