#include <fmt/format.h>

#include "app/serve/answer_json.h"
#include "app/serve/handlers.h"
#include "feed/recommend/search.h"
#include "feed/recommend/similar.h"

namespace zhiyin {
namespace {

constexpr std::int64_t kMaxList = 500;

ItemId item_id(const http::Request& request) { return ItemId(request.path_parameters.get_or("id", "")); }

http::Response answer(const Result<Json>& json) {
  return json.ok() ? http::json_response(200, *json) : http::error_response(json.error());
}

Result<Item> stored_item(const Service& service, const ItemId& id) {
  ZY_TRY(auto item, service.home().store->item(id));
  if (!item) return not_found(fmt::format("no item has the id {}", id.value));
  return std::move(*item);
}

// The body's item, with the id of the path laid over what the body says or leaves out.
Result<Json> body_with_id(const http::Request& request) {
  ZY_TRY(auto body, Json::parse(request.body).in("body"));
  if (!body.is_object()) return invalid("the body must be a JSON object");
  const auto id = item_id(request);
  if (body.has("id") && body["id"].as_string() != id.value)
    return invalid("the id in the body is not the one in the path", "id");
  body.set("id", id.value);
  return body;
}

Result<Json> write_item(Service& service, const Item& item) {
  ZY_CHECK_OK(service.ingest().items({&item, 1}));
  ZY_CHECK_OK(service.refresh());
  return to_json(item);
}

http::Response picture_response(const Result<std::optional<Cover>>& picture, const char* none) {
  if (!picture.ok()) return http::error_response(picture.error());
  if (!picture->has_value()) return http::error_response(not_found(none));
  auto response = http::text_response(200, (*picture)->bytes, (*picture)->content_type);
  response.headers.set("Cache-Control", "max-age=3600");
  return response;
}

}  // namespace

http::Response get_item(Service& service, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto item, stored_item(service, item_id(request)));
    auto json = to_json(item);
    json.set("attributes", attributes_json(item));
    return json;
  }());
}

http::Response put_item(Service& service, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto body, body_with_id(request));
    ZY_TRY(auto item, item_from_json(body));
    if (auto known = stored_item(service, item.id); known.ok()) item.media = std::move(known->media);
    return write_item(service, item);
  }());
}

http::Response patch_item(Service& service, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto body, body_with_id(request));
    ZY_TRY(auto known, stored_item(service, item_id(request)));
    ZY_TRY(const auto item, patched(std::move(known), body));
    return write_item(service, item);
  }());
}

http::Response delete_item(Service& service, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    const auto id = item_id(request);
    ZY_TRY(const auto known, stored_item(service, id));
    ZY_CHECK_OK(service.home().store->erase_item(known.id));
    ZY_CHECK_OK(service.refresh());
    return Json::object({{"id", id.value}, {"deleted", true}});
  }());
}

http::Response get_similar(Service& service, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto n, request.query.integer("n", 10, 1, kMaxList));
    const auto view = service.view();
    ZY_TRY(const auto similar,
           similar_items(*view, item_id(request), static_cast<std::size_t>(n), language_of(request)));
    return Json::object({{"items", items_json(*view, similar, true)}});
  }());
}

http::Response search(Service& service, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto n, request.query.integer("n", 20, 1, kMaxList));
    const auto view = service.view();
    ZY_TRY(const auto found, search_items(*view, service.home().encoders.text, request.query.get_or("q", ""),
                                          static_cast<std::size_t>(n), language_of(request)));
    return Json::object({{"items", items_json(*view, found, true)}});
  }());
}

http::Response get_media(Service& service, const http::Request& request) {
  const auto item = stored_item(service, item_id(request));
  if (!item.ok()) return http::error_response(item.error());
  if (item->media.path.empty())
    return http::error_response(not_found(fmt::format("item {} has no media file", item->id.value)));
  return http::file_response(item->media.path, item->media.content_type);
}

http::Response get_cover(Service& service, const http::Request& request) {
  const auto size = request.query.get_or("size", "");
  if (!size.empty() && size != "small")
    return http::error_response(invalid("size is small, or left out for the whole cover", "size"));
  const auto id = item_id(request);
  const auto& store = *service.home().store;
  auto picture = store.picture(id, size.empty() ? Picture::kCover : Picture::kSmall);
  if (picture.ok() && !picture->has_value()) picture = store.cover(id);  // of a home that an older version filled
  return picture_response(picture, "this item has no cover");
}

http::Response get_preview(Service& service, const http::Request& request) {
  return picture_response(service.home().store->picture(item_id(request), Picture::kPreview),
                          "this item has no preview");
}

}  // namespace zhiyin
