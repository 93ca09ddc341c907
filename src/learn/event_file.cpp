#include "learn/event_file.h"

#include "base/crc32c.h"
#include "base/protobuf.h"

namespace zhiyin {
namespace {

void append_little_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int byte = 0; byte < bytes; ++byte) out += static_cast<char>(value >> (8 * byte) & 0xFFU);
}

// Rotated and shifted, so that a checksum of bytes that hold checksums says something (TensorFlow's record_writer).
std::uint32_t masked_crc(std::string_view bytes) {
  const auto crc = crc32c(bytes);
  return ((crc >> 15U) | (crc << 17U)) + 0xA282EAD8U;
}

std::string record(std::string_view bytes) {
  std::string out;
  append_little_endian(out, bytes.size(), 8);
  append_little_endian(out, masked_crc(out), 4);
  out += bytes;
  append_little_endian(out, masked_crc(bytes), 4);
  return out;
}

}  // namespace

std::string event_file_start(double wall_time) {
  ProtobufWriter event;
  event.real64(1, wall_time);
  event.text(3, "brain.Event:2");
  return record(event.take());
}

std::string scalar_record(double wall_time, std::int64_t step, std::string_view tag, float value) {
  ProtobufWriter figure;
  figure.text(1, tag);
  figure.real(2, value);
  ProtobufWriter summary;
  summary.message(1, figure);
  ProtobufWriter event;
  event.real64(1, wall_time);
  event.integer(2, step);
  event.message(5, summary);
  return record(event.take());
}

}  // namespace zhiyin
