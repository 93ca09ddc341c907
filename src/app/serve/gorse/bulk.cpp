// /api/bulk: everything out and in again, one JSON object a line.
#include <fmt/format.h>

#include <limits>

#include "app/serve/gorse/answers.h"
#include "app/serve/gorse/handlers.h"
#include "app/serve/gorse/known_users.h"
#include "base/lines.h"
#include "feed/ingest/gorse_catalogue.h"

namespace zhiyin::gorse {
namespace {

constexpr std::size_t kPage = 1'000;  // rows that are read at a time

http::Response lines(Result<std::string> text, const char* name) {
  if (!text.ok()) return plain_error(text.error());
  auto response = http::text_response(200, std::move(*text), "application/jsonl; charset=utf-8");
  response.headers.set("Content-Disposition", fmt::format("attachment; filename={}.jsonl", name));
  return response;
}

void append_line(std::string& text, const Json& json) {
  json.dump_to(text);
  text += '\n';
}

// The lines themselves, or the content of the first part of a multipart form (RFC 7578), as a browser uploads a file.
Result<std::string_view> uploaded(const http::Request& request) {
  const std::string_view type = request.headers.get("Content-Type").value_or("");
  const std::string_view body = request.body;
  if (!type.starts_with("multipart/form-data")) return body;
  constexpr std::string_view kBoundary = "boundary=";
  auto boundary = type.substr(std::min(type.find(kBoundary), type.size()));
  if (boundary.empty()) return invalid("the form has no boundary", "Content-Type");
  boundary.remove_prefix(kBoundary.size());
  boundary = boundary.substr(0, boundary.find(';'));
  if (boundary.starts_with('"') && boundary.ends_with('"') && boundary.size() > 1)
    boundary = boundary.substr(1, boundary.size() - 2);
  const auto begin = body.find("\r\n\r\n");
  const auto end = begin == std::string_view::npos ? begin : body.find(fmt::format("\r\n--{}", boundary), begin + 2);
  if (end == std::string_view::npos) return invalid("the form has no file");
  return begin + 4 > end ? std::string_view() : body.substr(begin + 4, end - begin - 4);
}

// The rows as a list, for the route that takes one; nothing is written unless every line is JSON.
http::Response take_lines(Gorse& gorse, const http::Request& request, Handler* take) {
  const auto text = uploaded(request);
  if (!text.ok()) return plain_error(text.error());
  auto rows = Json::array();
  for (Lines each(*text); const auto line = each.next();) {
    auto row = Json::parse(*line).in(fmt::format("line {}", each.number()));
    if (!row.ok()) return plain_error(row.error());
    rows.push(std::move(*row));
  }
  auto as_list = request;
  as_list.body = rows.dump();
  return take(gorse, as_list);
}

}  // namespace

http::Response export_users(Gorse& gorse, const http::Request&) {
  constexpr auto kAll = std::numeric_limits<std::size_t>::max();
  return lines(
      [&]() -> Result<std::string> {
        ZY_TRY(const auto users, known_users_after(gorse.service, {}, kAll));
        std::string text;
        for (const auto& user : users) append_line(text, to_gorse(user));
        return text;
      }(),
      "users");
}

http::Response export_items(Gorse& gorse, const http::Request&) {
  std::string text;
  const auto read = gorse.service.home().store->each_item([&](Item&& item) { append_line(text, to_gorse(item)); });
  return lines(read.ok() ? Result<std::string>(std::move(text)) : read.error(), "items");
}

http::Response export_feedback(Gorse& gorse, const http::Request&) {
  return lines(
      [&]() -> Result<std::string> {
        std::string text;
        for (FeedbackKey after;;) {
          ZY_TRY(const auto page, gorse.feedbacks.page({}, after, kPage));
          for (const auto& feedback : page) append_line(text, to_json(feedback));
          if (page.size() < kPage) return text;
          after = {page.back().type, page.back().user, page.back().item};
        }
      }(),
      "feedback");
}

http::Response import_users(Gorse& gorse, const http::Request& request) {
  return take_lines(gorse, request, post_users);
}
http::Response import_items(Gorse& gorse, const http::Request& request) {
  return take_lines(gorse, request, post_items);
}
http::Response import_feedback(Gorse& gorse, const http::Request& request) {
  return take_lines(gorse, request, put_feedback);
}

}  // namespace zhiyin::gorse
