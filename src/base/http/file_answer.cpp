#include "base/http/file_answer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace zhiyin::http {
namespace {

// Digits only, so that neither a sign nor an overflow passes.
std::optional<std::int64_t> parse_position(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (stop != end) return std::nullopt;
  if (failure == std::errc::result_out_of_range) return INT64_MAX;
  return failure == std::errc() ? std::optional(value) : std::nullopt;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Whether a list like `"a", W/"b"` or `*` names the tag. Weakness does not matter for If-None-Match.
bool names_tag(std::string_view list, std::string_view tag) {
  for (;;) {
    const auto comma = list.find(',');
    auto entry = trim(list.substr(0, comma));
    if (entry.starts_with("W/")) entry.remove_prefix(2);
    if (entry == tag || entry == "*") return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

bool is_unmodified(const Request& request, std::string_view tag, std::time_t modified) {
  if (const auto tags = request.headers.get("If-None-Match")) return names_tag(*tags, tag);
  if (const auto since = request.headers.get("If-Modified-Since")) {
    const auto time = parse_http_date(*since);
    return time && modified <= *time;
  }
  return false;
}

// A range is for GET alone, and holds only for the very file that the client has a part of.
bool range_applies(const Request& request, std::string_view tag, std::time_t modified) {
  if (request.method != Method::kGet) return false;
  const auto condition = request.headers.get("If-Range");
  if (!condition || *condition == tag) return true;
  const auto time = parse_http_date(*condition);
  return time && *time == modified;
}

}  // namespace

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
OpenFile::OpenFile(OpenFile&& other) noexcept
    : offset(other.offset), length(other.length), descriptor_(std::exchange(other.descriptor_, -1)) {}
OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  offset = other.offset;
  length = other.length;
  return *this;
}

RangeAnswer parse_range(std::string_view header, std::int64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return {};
  const auto range = trim(header.substr(kUnit.size()));
  const auto dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return {};
  const auto first = parse_position(range.substr(0, dash));
  const auto last = parse_position(range.substr(dash + 1));
  const bool is_suffix = dash == 0;
  if (is_suffix ? !last : !first || (!last && dash + 1 != range.size()) || (last && *last < *first)) return {};

  ByteRange bytes;
  if (is_suffix) {
    bytes.length = std::min(*last, size);
    bytes.first = size - bytes.length;
  } else {
    bytes.first = std::min(*first, size);
    bytes.length = last ? std::min(*last, size - 1) - bytes.first + 1 : size - bytes.first;
  }
  if (bytes.length <= 0) return {RangeAnswer::Kind::kUnsatisfiable, {}};
  return {RangeAnswer::Kind::kRange, bytes};
}

std::string http_date(std::time_t time) {
  // Not strftime: its names of days follow the locale.
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday], parts.tm_mday,
                     kMonths[parts.tm_mon], 1900 + parts.tm_year, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::optional<std::time_t> parse_http_date(std::string_view text) {
  std::tm parts{};
  const std::string terminated(text);
  const char* end = ::strptime(terminated.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

std::optional<OpenFile> open_file(const Request& request, Response& response) {
  const auto& body = *response.file;
  const int descriptor = ::open(body.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info {};
  if (descriptor < 0 || ::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    if (descriptor >= 0) ::close(descriptor);
    response = error_response(not_found("no such file"));
    return std::nullopt;
  }
  OpenFile file(descriptor, info.st_size);
  const auto tag =
      fmt::format("\"{:x}-{:x}\"", info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec);
  response.headers.set("ETag", tag);
  response.headers.set("Last-Modified", http_date(info.st_mtim.tv_sec));
  response.headers.set("Accept-Ranges", "bytes");
  if (is_unmodified(request, tag, info.st_mtim.tv_sec)) {
    response.status = 304;
    return std::nullopt;
  }
  if (const auto range = request.headers.get("Range"); range && range_applies(request, tag, info.st_mtim.tv_sec)) {
    const auto answer = parse_range(*range, info.st_size);
    if (answer.kind == RangeAnswer::Kind::kUnsatisfiable) {
      response = error_response(416, "range", fmt::format("the file has {} bytes", info.st_size));
      response.headers.add("Content-Range", fmt::format("bytes */{}", info.st_size));
      return std::nullopt;
    }
    if (answer.kind == RangeAnswer::Kind::kRange) {
      file.offset = answer.range.first;
      file.length = answer.range.length;
      response.status = 206;
      response.headers.set("Content-Range",
                           fmt::format("bytes {}-{}/{}", file.offset, file.offset + file.length - 1, info.st_size));
    }
  }
  response.headers.set("Content-Type",
                       body.content_type.empty() ? content_type_of(body.path.native()) : body.content_type);
  // What a user uploaded is never run as something else than it says it is.
  response.headers.set("X-Content-Type-Options", "nosniff");
  return file;
}

}  // namespace zhiyin::http
