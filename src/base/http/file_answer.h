// How a file is sent (RFC 9110 sections 13 and 14): whole, one range of it (206, 416), or not at all because the client
// has it already (304). The file is open and its bytes are still to be copied: the server does that, piece by piece.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "base/http/message.h"
#include "base/result.h"

namespace zhiyin::http {

// Bytes [offset, offset + length) of an open file. Owns the descriptor.
class OpenFile {
 public:
  OpenFile(int descriptor, std::int64_t size) : length(size), descriptor_(descriptor) {}
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;

  [[nodiscard]] int descriptor() const { return descriptor_; }

  std::int64_t offset = 0;
  std::int64_t length;

 private:
  int descriptor_;
};

struct ByteRange {
  std::int64_t first = 0;
  std::int64_t length = 0;
};

// The single range that a Range header asks of `size` bytes. kNone: no range, several, or another unit than bytes: the
// whole is sent, as the standard allows. kUnsatisfiable: 416.
struct RangeAnswer {
  enum class Kind { kNone, kRange, kUnsatisfiable } kind = Kind::kNone;
  ByteRange range;
};
RangeAnswer parse_range(std::string_view header, std::int64_t size);

std::string http_date(std::time_t time);                            // "Tue, 24 Nov 2026 04:14:12 GMT"
std::optional<std::time_t> parse_http_date(std::string_view text);  // of that form only

// Opens response.file for the request and completes the response: status, Content-Type, ETag, Last-Modified,
// Accept-Ranges, Content-Range. The response becomes 304, 404 or 416 where that is the answer. Returns the bytes to
// send, if there are any to be sent.
std::optional<OpenFile> open_file(const Request& request, Response& response);

}  // namespace zhiyin::http
