// /api/item, /api/items.
#include <fmt/format.h>

#include <algorithm>

#include "app/serve/gorse/answers.h"
#include "app/serve/gorse/handlers.h"
#include "feed/ingest/gorse_catalogue.h"
#include "feed/recommend/search.h"

namespace zhiyin::gorse {
namespace {

ItemId item_id(const http::Request& request) { return ItemId(path_value(request, "item-id")); }

Result<Item> stored_item(const Gorse& gorse, const ItemId& id) {
  ZY_TRY(auto item, gorse.service.home().store->item(id));
  if (!item) return not_found(fmt::format("item {} is not found", id.value));
  return std::move(*item);
}

// What the catalogue has, or a new one: the file behind an item, its creator and its address stay.
Result<Item> item_of(const Gorse& gorse, const Json& json) {
  ZY_TRY(auto id, id_member(json, "ItemId"));
  ZY_TRY(auto known, gorse.service.home().store->item(ItemId(id)));
  Item item;
  if (known) item = std::move(*known);
  item.id.value = std::move(id);
  return item_from_gorse(json, std::move(item));
}

// An item that is not to be shown any longer is gone from the very next answer; others join it a moment later.
Result<Json> write_items(Gorse& gorse, const std::vector<Item>& items) {
  ZY_CHECK_OK(gorse.service.ingest().items(items));
  if (std::ranges::any_of(items, &Item::hidden)) {
    ZY_CHECK_OK(gorse.service.refresh());
  } else {
    gorse.service.refresh_soon();
  }
  return success(static_cast<std::int64_t>(items.size()));
}

Result<Json> write_rows(Gorse& gorse, const std::vector<Json>& rows) {
  std::vector<Item> items;
  for (const auto& row : rows) {
    ZY_TRY(auto item, item_of(gorse, row));
    items.push_back(std::move(item));
  }
  return write_items(gorse, items);
}

Result<Json> found(Gorse& gorse, std::string_view words, std::size_t n) {
  const auto view = gorse.service.view();
  auto list = Json::array();
  if (n > 0) {
    ZY_TRY(const auto items, search_items(*view, gorse.service.home().encoders.text, words, n, Language::kEnglish));
    for (const auto& one : items) list.push(to_gorse(view->item(*view->find(one.item))));
  }
  return Json::object({{"Cursor", ""}, {"Items", std::move(list)}});
}

template <typename Change>
http::Response change_categories(Gorse& gorse, const http::Request& request, const Change& change) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(auto item, stored_item(gorse, item_id(request)));
    ZY_TRY(auto json, change(to_gorse(item)["Categories"].elements(), path_value(request, "category")));
    ZY_TRY(item, item_patched(std::move(item), Json::object({{"Categories", std::move(json)}})));
    return write_items(gorse, {std::move(item)});
  }());
}

}  // namespace

http::Response post_item(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(auto body, body_of(request));
    return write_rows(gorse, {std::move(body)});
  }());
}

http::Response post_items(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto rows, list_of(request));
    return write_rows(gorse, rows);
  }());
}

http::Response get_item(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto item, stored_item(gorse, item_id(request)));
    return to_gorse(item);
  }());
}

http::Response patch_item(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto body, body_of(request));
    ZY_TRY(auto known, stored_item(gorse, item_id(request)));
    ZY_TRY(auto item, item_patched(std::move(known), body));
    return write_items(gorse, {std::move(item)});
  }());
}

http::Response delete_item(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    const auto id = item_id(request);
    ZY_TRY(const auto known, gorse.service.home().store->item(id));
    ZY_TRY(const auto feedbacks, gorse.feedbacks.erase(id));
    ZY_CHECK_OK(gorse.service.home().store->erase_item(id));
    ZY_CHECK_OK(gorse.service.refresh());
    return success(known || feedbacks > 0 ? 1 : 0);
  }());
}

http::Response list_items(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto part, part_of(gorse, request, kMostRows));
    if (const auto words = request.query.get_or("q", ""); !words.empty()) return found(gorse, words, part.n);
    ZY_TRY(const auto after, from_cursor(request, 1));
    ZY_TRY(const auto items, gorse.service.home().store->items_after(after[0], part.n));
    auto list = Json::array();
    for (const auto& item : items) list.push(to_gorse(item));
    const bool more = part.n > 0 && items.size() == part.n;
    return Json::object({{"Cursor", more ? to_cursor({items.back().id.value}) : ""}, {"Items", std::move(list)}});
  }());
}

http::Response put_category(Gorse& gorse, const http::Request& request) {
  return change_categories(gorse, request, [](Json::Array categories, const std::string& category) -> Result<Json> {
    const auto is_it = [&](const Json& one) { return one.as_string() == category; };
    if (std::ranges::none_of(categories, is_it)) categories.emplace_back(category);
    return Json(std::move(categories));
  });
}

http::Response delete_category(Gorse& gorse, const http::Request& request) {
  return change_categories(gorse, request, [](Json::Array categories, const std::string& category) -> Result<Json> {
    std::erase_if(categories, [&](const Json& one) { return one.as_string() == category; });
    return Json(std::move(categories));
  });
}

}  // namespace zhiyin::gorse
