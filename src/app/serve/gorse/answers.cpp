#include "app/serve/gorse/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/base64.h"

namespace zhiyin::gorse {

http::Response plain_text(int status, std::string message) {
  return http::text_response(status, std::move(message), "text/plain; charset=utf-8");
}

http::Response plain_error(const Error& error) { return plain_text(http::error_response(error).status, error.message); }

http::Response answer(const Result<Json>& json) {
  return json.ok() ? http::json_response(200, *json) : plain_error(json.error());
}

Json success(std::int64_t rows) { return Json::object({{"RowAffected", rows}}); }

Json score(std::string_view id, double score) { return Json::object({{"Id", id}, {"Score", score}}); }

Result<Json> body_of(const http::Request& request) { return Json::parse(request.body).in("body"); }

Result<std::vector<Json>> list_of(const http::Request& request) {
  ZY_TRY(auto body, body_of(request));
  if (!body.is_array()) return invalid(fmt::format("the body is {}: give a list", body.type_name()));
  return body.elements();
}

std::string path_value(const http::Request& request, std::string_view name) {
  return std::string(request.path_parameters.get_or(name, ""));
}

Result<Part> part_of(const Gorse& gorse, const http::Request& request, std::size_t most) {
  constexpr auto kAny = std::numeric_limits<std::int32_t>::max();
  ZY_TRY(const auto n, request.query.integer("n", gorse.options.default_n, 0, kAny));
  ZY_TRY(const auto offset, request.query.integer("offset", 0, 0, kAny));
  return Part{std::min(static_cast<std::size_t>(n), most), static_cast<std::size_t>(offset)};
}

Filter filter_of(const Gorse& gorse, const http::Request& request) {
  Filter filter;
  filter.published_by = gorse.service.clock().now();
  for (const auto& [name, value] : request.query) {
    if (name == "category" && !value.empty()) filter.tags.push_back(value);
  }
  if (auto category = path_value(request, "category"); !category.empty()) filter.tags.push_back(std::move(category));
  return filter;
}

std::string to_cursor(const std::vector<std::string>& place) {
  return to_base64url(Json(Json::Array(place.begin(), place.end())).dump());
}

Result<std::vector<std::string>> from_cursor(const http::Request& request, std::size_t parts) {
  // gorsejs writes it with a capital.
  const auto text = request.query.get("cursor").value_or(request.query.get_or("Cursor", ""));
  if (text.empty()) return std::vector<std::string>(parts);
  const auto wrong = [] { return invalid("cursor is none that this server gave: begin without one", "cursor"); };
  const auto bytes = from_base64url(text);
  if (!bytes.ok()) return wrong();
  const auto json = Json::parse(*bytes);
  if (!json.ok() || json->elements().size() != parts) return wrong();
  std::vector<std::string> place;
  for (const auto& part : json->elements()) place.emplace_back(part.as_string());
  return place;
}

}  // namespace zhiyin::gorse
