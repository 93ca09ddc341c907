#include "base/http/request_reader.h"

#include <fmt/format.h>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cassert>

#include "base/http/url.h"

namespace zhiyin::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

std::string_view view(BeastView text) { return {text.data(), text.size()}; }

Method method_of(beast_http::verb verb) {
  switch (verb) {
    case beast_http::verb::get: return Method::kGet;
    case beast_http::verb::head: return Method::kHead;
    case beast_http::verb::post: return Method::kPost;
    case beast_http::verb::put: return Method::kPut;
    case beast_http::verb::patch: return Method::kPatch;
    case beast_http::verb::delete_: return Method::kDelete;
    case beast_http::verb::options: return Method::kOptions;
    default: return Method::kOther;
  }
}

Response malformed(std::string_view message) { return error_response(400, "malformed", message); }

// What to answer when Beast refuses the bytes.
Response refusal(error_code error, const ReadLimits& limits) {
  if (error == beast_http::error::header_limit) {
    return error_response(431, "header_too_large", fmt::format("the header is over {} bytes", limits.header));
  }
  if (error == beast_http::error::body_limit) {
    return error_response(413, "too_large", fmt::format("the body is over {} bytes: send it in parts", limits.body));
  }
  if (error == beast_http::error::bad_version) {
    return error_response(505, "version", "this server speaks HTTP/1.1 and HTTP/1.0");
  }
  return malformed(fmt::format("not HTTP/1.1: {}", error.message()));
}

}  // namespace

// Beast reads the grammar; this keeps what it finds, straight in a Request, and adds the checks that Beast leaves out.
class RequestReader::Parser final : public beast_http::basic_parser<true> {
 public:
  Parser(const ReadLimits& limits, const InPieces& is_in_pieces) : limits_(limits), is_in_pieces_(is_in_pieces) {
    header_limit(static_cast<std::uint32_t>(limits.header));
    body_limit(boost::none);  // it depends on the header: see below
  }

  Request request;
  Response failure;
  std::size_t header_bytes = 0;  // taken so far
  bool expects_continue = false;
  bool in_pieces = false;

  Reading fail(Response response) {
    failure = std::move(response);
    return Reading::kFailed;
  }

 private:
  // Beast's errors are its own; with any of these set, `failure` has the words.
  void refuse(Response response, error_code& error) {
    failure = std::move(response);
    error = beast_http::error::bad_value;
  }

  void on_request_impl(beast_http::verb verb, BeastView, BeastView target, int version, error_code&) override {
    request.method = method_of(verb);
    request.target = view(target);
    version_ = version;
  }

  void on_field_impl(beast_http::field field, BeastView name, BeastView value, error_code& error) override {
    if (is_header_complete_) return;  // a trailer: nothing here uses one
    switch (field) {
      case beast_http::field::host:
        if (std::exchange(has_host_, true)) return refuse(malformed("two Host headers"), error);
        break;
      case beast_http::field::content_length:
        if (std::exchange(has_length_, true)) return refuse(malformed("two Content-Length headers"), error);
        if (!std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; })) {
          return refuse(malformed("Content-Length is not a number"), error);
        }
        break;
      case beast_http::field::transfer_encoding:
        if (version_ < 11) return refuse(malformed("Transfer-Encoding in HTTP/1.0"), error);
        if (!boost::beast::iequals(value, "chunked")) {
          return refuse(error_response(501, "transfer_encoding", "the only transfer coding here is \"chunked\""),
                        error);
        }
        break;
      case beast_http::field::expect:
        if (!boost::beast::iequals(value, "100-continue")) {
          return refuse(error_response(417, "expectation", "the only expectation here is \"100-continue\""), error);
        }
        expects_continue = version_ >= 11;
        break;
      default: break;
    }
    request.headers.add(view(name), view(value));
  }

  void on_header_impl(error_code& error) override {
    is_header_complete_ = true;
    if (!has_host_ && version_ >= 11) return refuse(malformed("HTTP/1.1 without a Host header"), error);
    if (auto target = read_target(); !target.ok()) return refuse(error_response(target.error()), error);
    in_pieces = is_in_pieces_ && is_in_pieces_(request);
    if (const auto length = content_length(); !in_pieces && length && *length > limits_.body)
      error = beast_http::error::body_limit;
  }

  // The target's path and query. "*" (of OPTIONS) is a path of its own; "http://host/path" is what proxies are sent.
  Result<void> read_target() {
    std::string_view target = request.target;
    if (target.starts_with("http://") || target.starts_with("https://")) {
      const auto slash = target.find('/', target.find("://") + 3);
      target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    if (!target.starts_with('/') && target != "*") return invalid("the request's target does not begin with \"/\"");
    target = target.substr(0, target.find('#'));
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    ZY_TRY(request.segments, split_path(request.path));
    if (question != std::string_view::npos) {
      ZY_TRY(request.query, parse_query(target.substr(question + 1)));
    }
    return {};
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    // An announced length is only a promise: memory is given as bytes arrive, from a modest start.
    if (length) request.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, 64 * 1024)));
  }
  std::size_t on_body_impl(BeastView bytes, error_code&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView bytes, error_code& error) override {
    if (!in_pieces && request.body.size() + bytes.size() > limits_.body) {
      error = beast_http::error::body_limit;
      return 0;
    }
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t size, BeastView, error_code& error) override {
    if (!in_pieces && size > limits_.body - request.body.size()) error = beast_http::error::body_limit;
  }
  void on_response_impl(int, BeastView, int, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  const ReadLimits& limits_;
  const InPieces& is_in_pieces_;
  int version_ = 0;
  bool has_host_ = false;
  bool has_length_ = false;
  bool is_header_complete_ = false;
};

RequestReader::RequestReader(ReadLimits limits, InPieces in_pieces)
    : limits_(limits), in_pieces_(std::move(in_pieces)) {
  reset();
}
RequestReader::~RequestReader() = default;

void RequestReader::reset() { parser_ = std::make_unique<Parser>(limits_, in_pieces_); }
Request& RequestReader::request() { return parser_->request; }
bool RequestReader::keep_alive() const { return parser_->keep_alive(); }
bool RequestReader::in_pieces() const { return parser_->in_pieces; }
bool RequestReader::expects_continue() const { return parser_->expects_continue; }
const Response& RequestReader::failure() const { return parser_->failure; }

Reading RequestReader::feed(std::string_view& bytes) {
  assert(!parser_->is_done());
  while (!bytes.empty()) {
    const bool in_header = !parser_->is_header_done();
    error_code error;
    const auto used = parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(used);
    if (in_header) {
      // Beast limits the bytes given at once; a header that drips in field by field is limited here.
      parser_->header_bytes += used;
      const auto pending = error == beast_http::error::need_more ? bytes.size() : 0;
      const bool is_fine = !error || error == beast_http::error::need_more;
      if (is_fine && parser_->header_bytes + pending > limits_.header) error = beast_http::error::header_limit;
    } else if (error == beast_http::error::need_more && used == 0 && bytes.size() > limits_.header) {
      error = beast_http::error::bad_chunk_extension;  // a chunk's header or the trailers never end
    }
    if (error && error != beast_http::error::need_more) {
      if (parser_->failure.status != 200) return Reading::kFailed;
      return parser_->fail(refusal(error, limits_));
    }
    if (parser_->is_done()) return Reading::kDone;
    if (error) break;  // it needs more than there is
  }
  return parser_->is_header_done() ? Reading::kBody : Reading::kHeader;
}

}  // namespace zhiyin::http
