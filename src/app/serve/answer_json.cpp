#include "app/serve/answer_json.h"

#include <cmath>

namespace zhiyin {
namespace {

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

Json because_json(const std::vector<Because>& because) {
  auto list = Json::array();
  for (const auto& one : because) {
    list.push(Json::object({{"id", one.item.value}, {"title", one.title}, {"weight", rounded(one.weight)}}));
  }
  return list;
}

}  // namespace

Json attributes_json(const Item& item) {
  auto tags = Json::array();
  for (const auto& tag : item.tags) tags.push(tag);
  auto json = Json::object({{"title", item.title}, {"tags", std::move(tags)}, {"creator", item.creator}});
  for (const auto& [name, value] : item.attributes.members()) json.set(name, value);
  auto perceived = Json::array();
  for (const auto& tag : item.media.tags) perceived.push(tag);
  json.set("perceived_tags", std::move(perceived));
  json.set("kind", to_string(item.media.kind));
  json.set("media", !item.media.path.empty());
  json.set("cover", item.media.has_cover);
  json.set("preview", item.media.has_preview);
  if (item.media.duration_s > 0) json.set("duration_s", rounded(item.media.duration_s));
  return json;
}

Json items_json(const View& view, const std::vector<Recommended>& items, bool with_attributes) {
  auto list = Json::array();
  for (const auto& recommended : items) {
    auto json = Json::object({{"id", recommended.item.value},
                              {"score", rounded(recommended.score)},
                              {"source", to_string(recommended.source)},
                              {"reason", recommended.reason},
                              {"because", because_json(recommended.because)}});
    const auto item = view.find(recommended.item);
    if (with_attributes && item) json.set("attributes", attributes_json(view.item(*item)));
    list.push(std::move(json));
  }
  return list;
}

}  // namespace zhiyin
