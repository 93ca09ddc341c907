#include "base/http/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace zhiyin::http {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_without_case(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

struct ErrorRow {
  ErrorCode code;
  int status;
  std::string_view name;
};
constexpr std::array kErrors{
    ErrorRow{ErrorCode::kInvalid, 400, "invalid"},         ErrorRow{ErrorCode::kNotFound, 404, "not_found"},
    ErrorRow{ErrorCode::kConflict, 409, "conflict"},       ErrorRow{ErrorCode::kTooLarge, 413, "too_large"},
    ErrorRow{ErrorCode::kUnavailable, 503, "unavailable"}, ErrorRow{ErrorCode::kCorrupt, 500, "corrupt"},
    ErrorRow{ErrorCode::kInternal, 500, "internal"},       ErrorRow{ErrorCode::kBusy, 429, "busy"},
    ErrorRow{ErrorCode::kNoSpace, 507, "no_space"},
};

struct StatusRow {
  int status;
  std::string_view text;
};
constexpr std::array kStatuses{
    StatusRow{100, "Continue"},
    StatusRow{200, "OK"},
    StatusRow{201, "Created"},
    StatusRow{202, "Accepted"},
    StatusRow{204, "No Content"},
    StatusRow{206, "Partial Content"},
    StatusRow{301, "Moved Permanently"},
    StatusRow{302, "Found"},
    StatusRow{304, "Not Modified"},
    StatusRow{400, "Bad Request"},
    StatusRow{401, "Unauthorized"},
    StatusRow{403, "Forbidden"},
    StatusRow{404, "Not Found"},
    StatusRow{405, "Method Not Allowed"},
    StatusRow{408, "Request Timeout"},
    StatusRow{409, "Conflict"},
    StatusRow{413, "Content Too Large"},
    StatusRow{415, "Unsupported Media Type"},
    StatusRow{416, "Range Not Satisfiable"},
    StatusRow{417, "Expectation Failed"},
    StatusRow{421, "Misdirected Request"},
    StatusRow{422, "Unprocessable Content"},
    StatusRow{429, "Too Many Requests"},
    StatusRow{431, "Request Header Fields Too Large"},
    StatusRow{500, "Internal Server Error"},
    StatusRow{501, "Not Implemented"},
    StatusRow{503, "Service Unavailable"},
    StatusRow{505, "HTTP Version Not Supported"},
    StatusRow{507, "Insufficient Storage"},
};

struct TypeRow {
  std::string_view extension;
  std::string_view type;
};
constexpr std::array kTypes{
    TypeRow{"html", "text/html; charset=utf-8"},
    TypeRow{"css", "text/css; charset=utf-8"},
    TypeRow{"js", "text/javascript; charset=utf-8"},
    TypeRow{"mjs", "text/javascript; charset=utf-8"},
    TypeRow{"json", "application/json"},
    TypeRow{"map", "application/json"},
    TypeRow{"txt", "text/plain; charset=utf-8"},
    TypeRow{"svg", "image/svg+xml"},
    TypeRow{"png", "image/png"},
    TypeRow{"jpg", "image/jpeg"},
    TypeRow{"jpeg", "image/jpeg"},
    TypeRow{"gif", "image/gif"},
    TypeRow{"webp", "image/webp"},
    TypeRow{"avif", "image/avif"},
    TypeRow{"ico", "image/x-icon"},
    TypeRow{"woff2", "font/woff2"},
    TypeRow{"wasm", "application/wasm"},
    TypeRow{"vtt", "text/vtt; charset=utf-8"},
    TypeRow{"mp4", "video/mp4"},
    TypeRow{"m4v", "video/mp4"},
    TypeRow{"webm", "video/webm"},
    TypeRow{"mkv", "video/x-matroska"},
    TypeRow{"mov", "video/quicktime"},
    TypeRow{"avi", "video/x-msvideo"},
    TypeRow{"mpg", "video/mpeg"},
    TypeRow{"mpeg", "video/mpeg"},
    TypeRow{"ogv", "video/ogg"},
    TypeRow{"ogg", "audio/ogg"},
    TypeRow{"oga", "audio/ogg"},
    TypeRow{"opus", "audio/ogg"},
    TypeRow{"mp3", "audio/mpeg"},
    TypeRow{"m4a", "audio/mp4"},
    TypeRow{"aac", "audio/aac"},
    TypeRow{"flac", "audio/flac"},
    TypeRow{"wav", "audio/wav"},
};

}  // namespace

std::string_view method_name(Method method) {
  switch (method) {
    case Method::kGet: return "GET";
    case Method::kHead: return "HEAD";
    case Method::kPost: return "POST";
    case Method::kPut: return "PUT";
    case Method::kPatch: return "PATCH";
    case Method::kDelete: return "DELETE";
    case Method::kOptions: return "OPTIONS";
    case Method::kOther: return "OTHER";
  }
  return "OTHER";
}

void Headers::set(std::string_view name, std::string_view value) {
  for (auto& [existing, text] : fields_) {
    if (same_without_case(existing, name)) {
      text = value;
      return;
    }
  }
  add(name, value);
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [existing, value] : fields_) {
    if (same_without_case(existing, name)) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Parameters::get(std::string_view name) const {
  for (const auto& [existing, value] : parameters_) {
    if (existing == name) return value;
  }
  return std::nullopt;
}

Result<std::int64_t> Parameters::integer(std::string_view name, std::int64_t fallback, std::int64_t minimum,
                                         std::int64_t maximum) const {
  const auto text = get(name);
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failure != std::errc() || end != text->data() + text->size() || value < minimum || value > maximum) {
    return invalid(fmt::format("{} must be a whole number from {} to {}", name, minimum, maximum), std::string(name));
  }
  return value;
}

Response text_response(int status, std::string body, std::string_view content_type) {
  Response response{.status = status, .body = std::move(body)};
  response.headers.add("Content-Type", content_type);
  return response;
}

Response json_response(int status, const Json& json) { return text_response(status, json.dump(), "application/json"); }

Response file_response(std::filesystem::path path, std::string content_type) {
  return {.file = FileBody{.path = std::move(path), .content_type = std::move(content_type)}};
}

Response error_response(int status, std::string_view code, std::string_view message, std::string_view field) {
  auto error = Json::object({{"code", code}, {"message", message}});
  if (!field.empty()) error.set("field", field);
  return json_response(status, Json::object({{"error", std::move(error)}}));
}

Response error_response(const Error& error) {
  const auto* row = std::ranges::find(kErrors, error.code, &ErrorRow::code);
  if (row == kErrors.end()) return error_response(500, "internal", error.message, error.field);
  auto response = error_response(row->status, row->name, error.message, error.field);
  if (row->status == 503 || row->status == 429) response.headers.add("Retry-After", "1");
  return response;
}

std::string_view status_text(int status) {
  const auto* row = std::ranges::find(kStatuses, status, &StatusRow::status);
  return row != kStatuses.end() ? row->text : "Status";
}

std::string_view content_type_of(std::string_view path) {
  const auto name = path.substr(path.find_last_of('/') + 1);
  const auto dot = name.find_last_of('.');
  if (dot != std::string_view::npos) {
    for (const auto& row : kTypes) {
      if (same_without_case(row.extension, name.substr(dot + 1))) return row.type;
    }
  }
  return "application/octet-stream";
}

}  // namespace zhiyin::http
