#include "feed/snapshot/shelf.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "feed/snapshot/snapshot.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

std::string current_of(const fs::path& home) {
  const auto named = read_file(home / "snapshots" / "current");
  return named.ok() ? std::string(trim(*named)) : std::string();
}

ShelvedSnapshot shelved(const fs::path& folder) {
  ShelvedSnapshot one{.id = folder.filename().string()};
  const auto text = read_file(folder / "manifest.json");
  const auto manifest = text.ok() ? Json::parse(*text) : Result<Json>(text.error());
  if (!manifest.ok()) {
    one.problem = manifest.error().message;
    return one;
  }
  one.created = (*manifest)["created"].as_integer();
  one.offset = (*manifest)["offset"].as_integer();
  one.recommender = (*manifest)["recommender"].as_string();
  one.compressed_from = (*manifest)["compressed_from"].as_string();
  for (const auto& model : (*manifest)["models"].elements()) one.models.emplace_back(model["name"].as_string());
  return one;
}

}  // namespace

Result<std::vector<ShelvedSnapshot>> list_snapshots(const fs::path& home) {
  std::vector<ShelvedSnapshot> all;
  const auto current = current_of(home);
  std::error_code failed;
  if (!fs::exists(home / "snapshots", failed)) return all;
  for (const auto& entry : fs::directory_iterator(home / "snapshots", failed)) {
    if (!entry.is_directory() || entry.path().extension() == ".part") continue;
    all.push_back(shelved(entry.path()));
    all.back().current = all.back().id == current;
  }
  if (failed) return internal(fmt::format("{}: cannot be listed: {}", (home / "snapshots").string(), failed.message()));
  std::ranges::sort(all, std::greater{}, &ShelvedSnapshot::id);
  return all;
}

Result<std::string> make_current(const fs::path& home, const std::string& id) {
  ZY_TRY(const auto all, list_snapshots(home));
  std::vector<std::string> ids;
  for (const auto& one : all) ids.push_back(one.id);
  const auto point_at = [&](const std::string& chosen) -> Result<std::string> {
    ZY_CHECK_OK(load_snapshot(home / "snapshots" / chosen).in(fmt::format("snapshot {}", chosen)));
    ZY_CHECK_OK(write_file_atomic(home / "snapshots" / "current", chosen + "\n"));
    return chosen;
  };
  if (!id.empty()) {
    if (std::ranges::find(ids, id) == ids.end())
      return not_found(fmt::format("no snapshot has the id {}; there are: {}", id, fmt::join(ids, ", ")));
    return point_at(id);
  }
  const auto current = current_of(home);
  for (const auto& one : ids) {
    if (one >= current) continue;
    auto done = point_at(one);
    if (done.ok() || done.error().code == ErrorCode::kInternal) return done;
    log_warning("{}", done.error().message);
  }
  return not_found(fmt::format("there is no sound snapshot before {}", current.empty() ? "the first" : current));
}

Result<std::vector<std::string>> prune_snapshots(const fs::path& home, std::size_t keep) {
  std::vector<std::string> gone;
  if (keep == 0) return gone;
  ZY_TRY(const auto all, list_snapshots(home));
  const auto current = current_of(home);
  std::set<std::string> kept;
  const auto hold = [&](const ShelvedSnapshot& one) {
    kept.insert(one.id);
    if (!one.compressed_from.empty()) kept.insert(one.compressed_from);
  };
  bool has_previous = false;
  for (std::size_t place = 0; place < all.size(); ++place) {
    const bool previous = !has_previous && all[place].id < current && all[place].problem.empty();
    has_previous = has_previous || previous;
    if (place < keep || all[place].current || previous) hold(all[place]);
  }
  for (const auto& one : all) {
    if (kept.contains(one.id)) continue;
    // Out of sight first: what a crash leaves half removed is nobody's snapshot.
    const auto folder = home / "snapshots" / one.id;
    const fs::path aside = folder.string() + ".part";
    std::error_code failed;
    fs::rename(folder, aside, failed);
    if (!failed) fs::remove_all(aside, failed);
    if (failed) {
      log_warning("snapshot {} cannot be removed: {}", one.id, failed.message());
      continue;
    }
    log_info("snapshot {} is removed: the newest {} are kept", one.id, keep);
    gone.push_back(one.id);
  }
  return gone;
}

}  // namespace zhiyin
