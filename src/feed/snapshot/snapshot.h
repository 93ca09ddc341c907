// A snapshot: everything trained, immutable, of one moment. On disk it is a folder home/snapshots/ID/ of safetensors
// files with a manifest that holds their checksums; home/snapshots/current names the one to serve.
// Arrays that `zhiyin compress` packed are unpacked when they are loaded: no model knows of it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/ids.h"
#include "match/model.h"
#include "match/rank/numeric_ranker.h"
#include "state/bus/event_log.h"
#include "understand/embed/fusion.h"

namespace zhiyin {

struct Snapshot {
  std::string id;  // "20260101T120000-0001": sorts by age
  UnixSeconds created = 0;
  Offset offset = 0;               // the log's events up to here were learned from
  std::string recommender;         // the model that makes the collaborative candidates
  std::string recommender_reason;  // why this one, in a sentence; empty in snapshots of earlier versions
  std::vector<ItemId> items;       // row i of every model and vector table is items[i]
  std::map<std::string, std::unique_ptr<Model>, std::less<>> models;
  std::optional<FusionModel> fusion;    // modality vectors -> content vector; absent where nothing was understood
  std::optional<NumericRanker> ranker;  // orders candidates (feed/recommend/ranking.h); absent: their quotas do
  std::string ranker_reason;            // why, or why not, in a sentence; may be empty
  // The arrays of a model as they are to be written, packed (base/kernels/packing.h), in place of what it would save.
  std::map<std::string, Tensors, std::less<>> arrays;
  std::string compressed_from;  // the snapshot that this one is a smaller copy of

  [[nodiscard]] const Model* model(std::string_view name) const {
    const auto found = models.find(name);
    return found == models.end() ? nullptr : found->second.get();
  }
};

enum class Publish { kYes, kNo };

// Writes the folder aside, renames it into place and then points `current` at it: a crash leaves the old one serving.
// Refuses a snapshot that holds a NaN. Publish::kNo: `current` stays (feed/snapshot/shelf.h moves it).
Result<void> save_snapshot(const std::filesystem::path& home, const Snapshot& snapshot,
                           Publish publish = Publish::kYes);

// `id` where home has no snapshot of that name, else the first of id-001, id-002, .. that is free: two trainings of one
// second on one offset are two snapshots, and the later sorts later.
std::string unused_snapshot_id(const std::filesystem::path& home, const std::string& id);

// Loads the snapshot that `current` names, every file checked against the manifest. Where that one is damaged, the
// newest sound one before it serves, and the log says so. kNotFound if there is none: `zhiyin train` makes one.
Result<std::shared_ptr<const Snapshot>> load_current_snapshot(const std::filesystem::path& home);

Result<std::shared_ptr<const Snapshot>> load_snapshot(const std::filesystem::path& folder);

}  // namespace zhiyin
