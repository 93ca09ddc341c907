#include <fmt/format.h>

#include "app/serve/handlers.h"
#include "domain/user.h"

namespace zhiyin {
namespace {

constexpr std::int64_t kMaxUsers = 1000;
constexpr std::size_t kShownHistory = 50;

Json touched_json(const View& view, const Touched& touched) {
  auto json = Json::object({{"item", touched.item.value},
                            {"type", to_string(touched.last)},
                            {"preference", touched.preference},
                            {"time", touched.time}});
  if (const auto item = view.find(touched.item)) json.set("title", view.item(*item).title);
  return json;
}

}  // namespace

http::Response list_users(Service& service, const http::Request& request) {
  const auto n = request.query.integer("n", 50, 1, kMaxUsers);
  if (!n.ok()) return http::error_response(n.error());
  auto users = Json::array();
  for (const auto& user : service.live().users(request.query.get_or("q", ""), static_cast<std::size_t>(*n))) {
    const auto profile = service.home().store->user(user.id);
    if (!profile.ok()) return http::error_response(profile.error());
    const bool named = profile->has_value() && !(*profile)->name.empty();
    users.push(Json::object(
        {{"id", user.id.value}, {"name", named ? (*profile)->name : user.id.value}, {"events", user.events}}));
  }
  return http::json_response(200, Json::object({{"users", std::move(users)}}));
}

http::Response get_user(Service& service, const http::Request& request) {
  const UserId id(request.path_parameters.get_or("id", ""));
  const auto profile = service.home().store->user(id);
  if (!profile.ok()) return http::error_response(profile.error());
  const auto state = service.live().user(id);
  if (!profile->has_value() && state == nullptr)
    return http::error_response(not_found(fmt::format("no user has the id {}", id.value)));
  auto history = Json::array();
  if (state != nullptr) {
    const auto view = service.view();
    for (auto i = state->touched.size(); i > 0 && state->touched.size() - i < kShownHistory; --i) {
      history.push(touched_json(*view, state->touched[i - 1]));
    }
  }
  auto json = Json::object(
      {{"id", id.value}, {"events", state == nullptr ? 0 : state->events}, {"history", std::move(history)}});
  if (profile->has_value()) {
    json.set("name", (*profile)->name);
    json.set("attributes", (*profile)->attributes);
  }
  return http::json_response(200, json);
}

http::Response put_user(Service& service, const http::Request& request) {
  const auto written = [&]() -> Result<Json> {
    const std::string id(request.path_parameters.get_or("id", ""));
    ZY_CHECK_OK(check_id(id, "id"));
    ZY_TRY(const auto body, Json::parse(request.body.empty() ? "{}" : request.body).in("body"));
    if (!body.is_object()) return invalid("the body must be a JSON object, e.g. {\"name\":\"Ann\"}");
    if (body.has("attributes") && !body["attributes"].is_object())
      return invalid("attributes must be an object", "attributes");
    const User user{UserId(id), std::string(body["name"].as_string()), body["attributes"]};
    ZY_CHECK_OK(service.home().store->put_users({&user, 1}));
    return Json::object({{"id", id}, {"name", user.name}, {"attributes", user.attributes}});
  }();
  return written.ok() ? http::json_response(200, *written) : http::error_response(written.error());
}

}  // namespace zhiyin
