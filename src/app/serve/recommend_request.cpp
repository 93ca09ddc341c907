#include "app/serve/recommend_request.h"

#include <fmt/format.h>

#include <array>

#include "domain/fields.h"
#include "domain/user.h"

namespace zhiyin {
namespace {

constexpr std::int64_t kMaxSlate = 500;
constexpr std::size_t kMaxBatch = 100;
constexpr std::size_t kMaxIds = 10'000;
constexpr std::array<std::string_view, 12> kFields = {"user",   "guest",   "users", "items",      "n",    "exclude",
                                                      "filter", "explain", "next",  "attributes", "lang", "scenario"};
constexpr std::array<std::string_view, 2> kFilterFields = {"tags", "category"};

Result<std::size_t> slate_length(const Json& n) {
  if (n.is_null()) return std::size_t{20};
  if (!n.is_integer() || n.as_integer() < 1 || n.as_integer() > kMaxSlate) {
    return invalid(fmt::format("n must be a whole number from 1 to {}", kMaxSlate), "n");
  }
  return static_cast<std::size_t>(n.as_integer());
}

// A list of texts, or one alone.
Result<std::vector<std::string>> texts(const Json& json, std::string_view field) {
  const auto& value = json[field];
  std::vector<std::string> found;
  if (value.is_null()) return found;
  if (value.is_string()) return std::vector<std::string>{std::string(value.as_string())};
  if (!value.is_array())
    return invalid(fmt::format("{} is {}: give a list of texts", field, value.type_name()), std::string(field));
  if (value.elements().size() > kMaxIds)
    return Error{ErrorCode::kTooLarge, fmt::format("{} has more than {} entries", field, kMaxIds), std::string(field)};
  for (const auto& one : value.elements()) {
    if (!one.is_string())
      return invalid(fmt::format("{} contains {}: give texts", field, one.type_name()), std::string(field));
    found.emplace_back(one.as_string());
  }
  return found;
}

Result<std::vector<ItemId>> item_ids(const Json& json, std::string_view field) {
  ZY_TRY(auto ids, texts(json, field));
  return std::vector<ItemId>(std::make_move_iterator(ids.begin()), std::make_move_iterator(ids.end()));
}

Result<Filter> read_filter(const Json& json) {
  Filter filter;
  const auto& given = json["filter"];
  if (given.is_null()) return filter;
  ZY_CHECK_OK(check_fields(given, kFilterFields).in("filter"));
  for (const auto field : kFilterFields) {
    ZY_TRY(auto tags, texts(given, field));
    std::ranges::move(tags, std::back_inserter(filter.tags));
  }
  return filter;
}

Result<std::vector<UserId>> who_asks(const Json& body) {
  const int named = int{body.has("user")} + int{body.has("guest")} + int{body.has("users")};
  if (named > 1) return invalid("give one of user, guest and users", "user");
  if (named == 0 && !body.has("items")) return invalid("give user, guest, users, or the items of a session", "user");
  if (body.has("users")) {
    ZY_TRY(auto ids, texts(body, "users"));
    if (ids.empty() || ids.size() > kMaxBatch)
      return invalid(fmt::format("users has {} entries: give 1 to {}", ids.size(), kMaxBatch), "users");
    for (const auto& id : ids) ZY_CHECK_OK(check_id(id, "users"));
    return std::vector<UserId>(std::make_move_iterator(ids.begin()), std::make_move_iterator(ids.end()));
  }
  if (body.has("user")) {
    ZY_CHECK_OK(check_id(body["user"].as_string(), "user"));
    return std::vector<UserId>{UserId(body["user"].as_string())};
  }
  if (body.has("guest")) ZY_CHECK_OK(check_id(body["guest"].as_string(), "guest"));
  return std::vector<UserId>{UserId(std::string(kGuestPrefix) + std::string(body["guest"].as_string()))};
}

}  // namespace

Result<Asked> read_recommend_body(const Json& body, Language language) {
  if (!body.is_object()) return invalid("the body must be a JSON object, e.g. {\"user\":\"42\",\"n\":20}");
  ZY_CHECK_OK(check_fields(body, kFields));
  Asked asked;
  asked.batch = body.has("users");
  asked.attributes = body["attributes"].as_bool(true);
  Request request;
  request.language = body["lang"].as_string() == "zh" ? Language::kChinese : language;
  ZY_TRY(request.count, slate_length(body["n"]));
  ZY_TRY(request.exclude, item_ids(body, "exclude"));
  ZY_TRY(request.session, item_ids(body, "items"));
  ZY_TRY(request.filter, read_filter(body));
  if (!body["next"].is_null() && !body["next"].is_string()) return invalid("next must be a text", "next");
  asked.next = body["next"].as_string();
  if (asked.batch && !asked.next.empty()) return invalid("next goes on for one user, not for a batch", "next");
  ZY_TRY(const auto users, who_asks(body));
  for (const auto& user : users) {
    request.user = user;
    asked.requests.push_back(request);
  }
  return asked;
}

Result<Asked> read_recommend_query(const http::Parameters& query, Language language) {
  auto body = Json::object();
  auto exclude = Json::array();
  auto items = Json::array();
  auto categories = Json::array();
  for (const auto& [name, value] : query) {
    if (name == "user" || name == "guest" || name == "next") body.set(name, value);
    if (name == "exclude") exclude.push(value);
    if (name == "items") items.push(value);
    if (name == "category") categories.push(value);
  }
  ZY_TRY(const auto n, query.integer("n", 20, 1, kMaxSlate));
  body.set("n", n);
  body.set("exclude", std::move(exclude));
  if (!items.elements().empty()) body.set("items", std::move(items));
  body.set("filter", Json::object({{"category", std::move(categories)}}));
  body.set("attributes", query.get_or("attributes", "true") != "false");
  return read_recommend_body(body, language);
}

}  // namespace zhiyin
