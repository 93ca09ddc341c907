// Curves as TensorBoard reads them: an event file is a sequence of TFRecords, each an Event of TensorFlow's event.proto.
//
// A TFRecord is the length of its bytes (8 bytes, little-endian), the masked CRC-32C of that length, the bytes and their
// masked CRC-32C. Of Event we write wall_time (1), step (2), file_version (3) and summary (5), whose values (1) have a
// tag (1) and a simple_value (2). The first record says "brain.Event:2".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zhiyin {

// What a file begins with; wall_time is in seconds since 1970.
std::string event_file_start(double wall_time);

// One more record: a figure at a step.
std::string scalar_record(double wall_time, std::int64_t step, std::string_view tag, float value);

}  // namespace zhiyin
