#include "feed/snapshot/snapshot.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/json.h"
#include "base/kernels/packing.h"
#include "base/log.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
constexpr std::string_view kFusionFile = "fusion.safetensors";
constexpr std::string_view kRankerFile = "ranker.safetensors";
constexpr std::string_view kItemsFile = "items.txt";

std::string model_file(std::string_view model) { return fmt::format("model-{}.safetensors", model); }

Json params_json(const Params& params) {
  auto json = Json::object();
  for (const auto& [name, value] : params) json.set(name, value);
  return json;
}

Result<std::unique_ptr<Model>> load_model(const fs::path& folder, const Json& entry, std::size_t items) {
  const auto name = entry["name"].as_string();
  Params params;
  for (const auto& [key, value] : entry["params"].members()) params[key] = value.as_number();
  ZY_TRY(auto model, make_model(name, params));
  ZY_TRY(const auto written, Tensors::open(folder / model_file(name)));
  ZY_TRY(const auto tensors, unpack_tensors(written).in(model_file(name)));
  ZY_CHECK_OK(model->load(tensors).in(model_file(name)));
  if (model->items() != items)
    return corrupt(fmt::format("{} scores {} items, the snapshot has {}", name, model->items(), items));
  return model;
}

Result<void> check_files(const fs::path& folder, const Json& manifest) {
  for (const auto& [name, sha256] : manifest["files"].members()) {
    ZY_TRY(const auto found, sha256_file(folder / name));
    if (found != sha256.as_string())
      return corrupt(fmt::format("{}: its bytes are not those that were written (checksum)", name));
  }
  return {};
}

std::vector<ItemId> read_items(std::string_view text) {
  std::vector<ItemId> items;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    items.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

}  // namespace

std::string unused_snapshot_id(const fs::path& home, const std::string& id) {
  auto unused = id;
  for (int again = 1; fs::exists(home / "snapshots" / unused); ++again) unused = fmt::format("{}-{:03}", id, again);
  return unused;
}

Result<void> save_snapshot(const fs::path& home, const Snapshot& snapshot, Publish publish) {
  const auto folder = home / "snapshots" / snapshot.id;
  const fs::path aside = folder.string() + ".part";
  std::error_code failed;
  fs::remove_all(aside, failed);
  fs::create_directories(aside, failed);
  if (failed) return internal(fmt::format("{}: cannot create: {}", aside.string(), failed.message()));

  auto files = Json::object();
  const auto checked = [&](std::string_view name) -> Result<void> {
    ZY_TRY(auto sha256, sha256_file(aside / name));
    files.set(std::string(name), std::move(sha256));
    return {};
  };
  std::string ids;
  for (const auto& item : snapshot.items) ids += item.value + '\n';
  ZY_CHECK_OK(write_file_atomic(aside / kItemsFile, ids));
  ZY_CHECK_OK(checked(kItemsFile));
  auto models = Json::array();
  for (const auto& [name, model] : snapshot.models) {
    Tensors tensors;
    if (const auto packed = snapshot.arrays.find(name); packed != snapshot.arrays.end())
      tensors = packed->second;
    else
      model->save(tensors);
    ZY_CHECK_OK(tensors.save(aside / model_file(name)).in(name));
    ZY_CHECK_OK(checked(model_file(name)));
    models.push(Json::object({{"name", name}, {"params", params_json(model->params())}}));
  }
  if (snapshot.fusion) {
    Tensors tensors;
    snapshot.fusion->save(tensors);
    ZY_CHECK_OK(tensors.save(aside / kFusionFile));
    ZY_CHECK_OK(checked(kFusionFile));
  }
  if (snapshot.ranker) {
    Tensors tensors;
    snapshot.ranker->save(tensors);
    ZY_CHECK_OK(tensors.save(aside / kRankerFile));
    ZY_CHECK_OK(checked(kRankerFile));
  }
  const auto manifest = Json::object({{"format", kFormat},
                                      {"id", snapshot.id},
                                      {"created", snapshot.created},
                                      {"offset", snapshot.offset},
                                      {"recommender", snapshot.recommender},
                                      {"recommender_reason", snapshot.recommender_reason},
                                      {"ranker_reason", snapshot.ranker_reason},
                                      {"items", snapshot.items.size()},
                                      {"compressed_from", snapshot.compressed_from},
                                      {"models", models},
                                      {"files", files}});
  ZY_CHECK_OK(write_file_atomic(aside / "manifest.json", manifest.pretty() + "\n"));
  fs::rename(aside, folder, failed);
  if (failed) return internal(fmt::format("{}: cannot rename into place: {}", folder.string(), failed.message()));
  if (publish == Publish::kNo) return {};
  return write_file_atomic(home / "snapshots" / "current", snapshot.id + "\n");
}

Result<std::shared_ptr<const Snapshot>> load_snapshot(const fs::path& folder) {
  ZY_TRY(const auto text, read_file(folder / "manifest.json"));
  ZY_TRY(const auto manifest, Json::parse(text).in((folder / "manifest.json").string()));
  if (manifest["format"].as_integer() != kFormat) {
    return invalid(
        fmt::format("{}: format {} is not one that this zhiyin reads ({}): it was written by a newer version",
                    folder.string(), manifest["format"].as_integer(), kFormat));
  }
  ZY_CHECK_OK(check_files(folder, manifest).in(folder.string()));

  auto snapshot = std::make_shared<Snapshot>();
  snapshot->id = manifest["id"].as_string();
  snapshot->created = manifest["created"].as_integer();
  snapshot->offset = manifest["offset"].as_integer();
  snapshot->recommender = manifest["recommender"].as_string();
  snapshot->recommender_reason = manifest["recommender_reason"].as_string();
  snapshot->ranker_reason = manifest["ranker_reason"].as_string();
  snapshot->compressed_from = manifest["compressed_from"].as_string();
  ZY_TRY(const auto ids, read_file(folder / kItemsFile));
  snapshot->items = read_items(ids);
  for (const auto& entry : manifest["models"].elements()) {
    ZY_TRY(auto model, load_model(folder, entry, snapshot->items.size()));
    snapshot->models.emplace(std::string(model->name()), std::move(model));
  }
  if (manifest["files"].has(kFusionFile)) {
    ZY_TRY(const auto tensors, Tensors::open(folder / kFusionFile));
    ZY_TRY(snapshot->fusion, FusionModel::load(tensors));
  }
  if (manifest["files"].has(kRankerFile)) {
    ZY_TRY(const auto tensors, Tensors::open(folder / kRankerFile));
    ZY_TRY(snapshot->ranker, NumericRanker::load(tensors).in(kRankerFile));
  }
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

Result<std::shared_ptr<const Snapshot>> load_current_snapshot(const fs::path& home) {
  const auto folder = home / "snapshots";
  const auto current = read_file(folder / "current");
  if (!current.ok()) return not_found(fmt::format("{} has no snapshot yet: run `zhiyin train`", home.string()));
  const auto named = current->substr(0, current->find('\n'));
  auto loaded = load_snapshot(folder / named);
  if (loaded.ok()) return loaded;

  std::vector<std::string> older;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const auto name = entry.path().filename().string();
    if (entry.is_directory() && !name.ends_with(".part") && name < named) older.push_back(name);
  }
  std::ranges::sort(older, std::greater{});
  for (const auto& name : older) {
    if (auto previous = load_snapshot(folder / name); previous.ok()) {
      log_error("snapshot {} is refused ({}); {} serves instead: train again", named, loaded.error().message, name);
      return previous;
    }
  }
  return std::move(loaded).in(fmt::format("snapshot {}", named));
}

}  // namespace zhiyin
