#include <fmt/format.h>

#include <cmath>

#include "app/cli/inspect_events.h"
#include "app/cli/print_items.h"
#include "app/config/settings.h"
#include "feed/live/live.h"
#include "feed/snapshot/snapshot.h"

namespace zhiyin {
namespace {

// How much each encoder makes of the item's content vector, in the latest snapshot; null before the first.
Result<Json> fusion_json(const Globals& globals, const std::vector<StoredVector>& vectors) {
  const auto snapshot = load_current_snapshot(globals.home);
  if (!snapshot.ok() && snapshot.error().code == ErrorCode::kNotFound) return Json();
  ZY_CHECK_OK(snapshot);
  const auto& fusion = (*snapshot)->fusion;
  if (!fusion) return Json();
  std::vector<ModalityVector> modalities;
  for (const auto& vector : vectors) modalities.push_back({vector.encoder, vector.version, vector.values});
  auto shares = Json::array();
  for (const auto& [encoder, share] : fusion->shares(modalities)) {
    if (share > 0) shares.push(Json::object({{"encoder", encoder}, {"share", share}}));
  }
  return Json::object({{"snapshot", (*snapshot)->id}, {"dim", fusion->dim()}, {"shares", std::move(shares)}});
}

Result<void> inspect_item(const Globals& globals, const std::string& text_id) {
  ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist));
  const ItemId id(text_id);
  ZY_TRY(const auto item, home.store->item(id));
  if (!item) return not_found(fmt::format("no item has the id {}", text_id));
  ZY_TRY(const auto vectors, home.store->vectors(id));
  auto document = to_json(*item);
  document.set("media", Json::object({{"kind", to_string(item->media.kind)},
                                      {"path", item->media.path},
                                      {"content_hash", item->media.content_hash},
                                      {"content_type", item->media.content_type},
                                      {"duration_s", item->media.duration_s},
                                      {"cover", item->media.has_cover},
                                      {"preview", item->media.has_preview},
                                      {"tags", Json(Json::Array(item->media.tags.begin(), item->media.tags.end()))},
                                      {"gone", item->media.gone()}}));
  ZY_TRY(const auto perception, home.store->perception(id));
  if (perception) {
    double cpu_s = 0;
    for (const auto& run : perception->runs) cpu_s += run.cpu_s;
    auto understood = to_json(*perception);
    understood.set("cpu_s", cpu_s);
    document.set("perception", std::move(understood));
  }
  auto shown = Json::array();
  for (const auto& vector : vectors) {
    double squares = 0;
    for (const auto value : vector.values) squares += double{value} * value;
    shown.push(Json::object({{"encoder", vector.encoder},
                             {"version", vector.version},
                             {"dim", vector.values.size()},
                             {"norm", std::sqrt(squares)}}));
  }
  document.set("vectors", std::move(shown));
  ZY_TRY(auto fused, fusion_json(globals, vectors));
  document.set("fusion", std::move(fused));
  globals.print(document, document.pretty());
  return {};
}

Result<void> inspect_user(const Globals& globals, const std::string& id) {
  ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist));
  ZY_TRY(const auto settings, load_settings(globals.home / "zhiyin.toml"));
  Live live(settings.service.live);
  ZY_CHECK_OK(live.replay(*home.log));
  const auto state = live.user(UserId(id));
  if (state == nullptr) return not_found(fmt::format("no user has the id {}", id));
  auto history = Json::array();
  for (const auto& touched : state->touched) {
    ZY_TRY(const auto item, home.store->item(touched.item));
    history.push(Json::object({{"item", touched.item.value},
                               {"title", item ? item->title : std::string()},
                               {"type", to_string(touched.last)},
                               {"preference", touched.preference},
                               {"time", touched.time}}));
  }
  const auto document = Json::object({{"id", id}, {"events", state->events}, {"history", std::move(history)}});
  globals.print(document, document.pretty());
  return {};
}

// The models of the snapshot that serves, or the one named, and why who recommends.
Result<void> inspect_model(const Globals& globals, const std::string& name) {
  ZY_TRY(const auto snapshot, load_current_snapshot(globals.home));
  auto models = Json::array({});
  for (const auto& [model_name, model] : snapshot->models) {
    if (!name.empty() && name != model_name) continue;
    Tensors tensors;
    model->save(tensors);
    auto params = Json::object();
    for (const auto& [key, value] : model->params()) params.set(key, value);
    auto arrays = Json::object();
    std::size_t bytes = 0;
    for (const auto& [array, tensor] : tensors.all()) {
      arrays.set(array, Json(Json::Array(tensor.shape().begin(), tensor.shape().end())));
      bytes += tensor.bytes().size();
    }
    models.push(Json::object({{"name", model_name},
                              {"items", model->items()},
                              {"bytes", bytes},
                              {"params", std::move(params)},
                              {"arrays", std::move(arrays)}}));
  }
  if (models.elements().empty())
    return not_found(fmt::format("snapshot {} has no model called {}", snapshot->id, name));
  const auto document = Json::object({{"snapshot", snapshot->id},
                                      {"created", snapshot->created},
                                      {"offset", snapshot->offset},
                                      {"compressed_from", snapshot->compressed_from},
                                      {"recommender", snapshot->recommender},
                                      {"recommender_reason", snapshot->recommender_reason},
                                      {"ranker", snapshot->ranker ? snapshot->ranker->ranker().name() : ""},
                                      {"ranker_reason", snapshot->ranker_reason},
                                      {"models", std::move(models)}});
  globals.print(document, document.pretty());
  return {};
}

}  // namespace

void add_inspect(CLI::App& app, Globals& globals) {
  struct Arguments {
    std::string what;
    std::string id;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("inspect", "everything that is known of an item, a user, the events or the models");
  verb->add_option("what", arguments->what,
                   "item, user, model, or events: what each type says, what each source earned")
      ->required()
      ->check(CLI::IsMember({"item", "user", "model", "events"}));
  verb->add_option("id", arguments->id, "its id, of an item or a user; of a model its name, or nothing for all");
  verb->callback([&globals, arguments] {
    const bool needs_id = arguments->what == "item" || arguments->what == "user";
    if (needs_id && arguments->id.empty()) throw CLI::RequiredError("id");
    globals.run = [&globals, arguments]() -> Result<void> {
      if (arguments->what == "events") return inspect_events(globals);
      if (arguments->what == "model") return inspect_model(globals, arguments->id);
      return arguments->what == "item" ? inspect_item(globals, arguments->id) : inspect_user(globals, arguments->id);
    };
  });
}

}  // namespace zhiyin
