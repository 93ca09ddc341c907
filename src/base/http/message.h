// What travels over HTTP, as plain values: a request as a handler reads it, a response as a handler writes it.
// Nothing here knows sockets. The words a program answers with when it fails are in one table (message.cpp):
// {"error":{"code","message","field"?}} with the status of the error's code.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace zhiyin {
class Trace;
}

namespace zhiyin::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

std::string_view method_name(Method method);  // "GET"; kOther is "OTHER"

// Header fields in the order they came. Names are compared without case; lookups are linear, as headers are few.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }
  void set(std::string_view name, std::string_view value);  // replaces the first of that name, or adds

  // The first value of that name.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return get(name).has_value(); }

  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

// Names with values, decoded, in the order they came: the query of a target, or the parameters of a route.
class Parameters {
 public:
  using Parameter = std::pair<std::string, std::string>;

  void add(std::string name, std::string value) { parameters_.emplace_back(std::move(name), std::move(value)); }

  // The first value of that name. A name without "=" has an empty value.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  [[nodiscard]] std::string_view get_or(std::string_view name, std::string_view fallback) const {
    return get(name).value_or(fallback);
  }
  // The first value as a whole number. An absent name gives the fallback; text that is no number or out of
  // [minimum, maximum] is an error that names the field.
  [[nodiscard]] Result<std::int64_t> integer(std::string_view name, std::int64_t fallback, std::int64_t minimum,
                                             std::int64_t maximum) const;

  [[nodiscard]] auto begin() const { return parameters_.begin(); }
  [[nodiscard]] auto end() const { return parameters_.end(); }
  [[nodiscard]] std::size_t size() const { return parameters_.size(); }

 private:
  std::vector<Parameter> parameters_;
};

class IncomingBody;

struct Request {
  Method method = Method::kGet;
  std::string target;                 // as sent: "/v1/items/a%2Fb?n=3"
  std::string path;                   // the target without its query, still encoded
  std::vector<std::string> segments;  // the path split at "/", then decoded: {"v1", "items", "a/b"}; valid UTF-8
  Parameters query;                   // decoded; valid UTF-8
  Parameters path_parameters;         // what the router found in the place of {name}
  Headers headers;
  std::string body;
  std::shared_ptr<IncomingBody> incoming = {};  // instead of body: it comes piece by piece (incoming_body.h)
  std::string peer;                             // address of the other end, without its port
  std::string id;                               // of this request: the X-Request-ID it came with, or one made for it

  // What the program finds out on the way to the route; the server leaves both empty.
  std::string caller;            // whose key it carries
  std::shared_ptr<Trace> trace;  // where its steps are written (base/trace.h); null: nowhere
};

// A file to be sent as a body. The server opens it, answers ranges and conditions, and never holds it whole.
struct FileBody {
  std::filesystem::path path;
  std::string content_type;  // empty: by the file's extension
};

class PendingAnswer;
class BodyStream;

struct Response {
  int status = 200;
  Headers headers;  // without Content-Length, Date, Connection and X-Request-ID: the server writes those
  std::string body;
  std::optional<FileBody> file;                 // instead of body, for a GET answered with 200
  std::shared_ptr<PendingAnswer> pending = {};  // instead of all else: the answer comes later (deferred.h)
  std::shared_ptr<BodyStream> stream = {};      // instead of body: it comes piece by piece (stream.h)
};

Response json_response(int status, const Json& json);
Response text_response(int status, std::string body, std::string_view content_type);
Response file_response(std::filesystem::path path, std::string content_type = {});

// The answer to a failed call, by the table of error codes.
Response error_response(const Error& error);
// The answer for what has an HTTP status of its own and no error code: 405, 408, 431, ...
Response error_response(int status, std::string_view code, std::string_view message, std::string_view field = {});

std::string_view status_text(int status);                 // "Not Found"
std::string_view content_type_of(std::string_view path);  // by extension; application/octet-stream if unknown

}  // namespace zhiyin::http
