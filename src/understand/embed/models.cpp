#include "understand/embed/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "understand/embed/conversions.h"
#include "understand/embed/hash_memory.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// What an output is made of: the pinned files and the converter at its version.
std::string source_key(const PinnedModel& model, const std::string& output) {
  auto text = fmt::format("converter {}\n", conversion_version(model.name, output));
  for (const auto& file : model.files) text += fmt::format("{} {}\n", file.sha256, file.name);
  return sha256_hex(text);
}

// Beside an output lies a note of what it was made of and of its own hash.
fs::path note_path(const fs::path& output) { return output.string() + ".made.json"; }

using HashOf = std::function<Result<std::string>(const fs::path&)>;

bool output_is_current(const PinnedModel& model, const fs::path& cache, const std::string& output,
                       const HashOf& hash_of = sha256_file) {
  const auto path = cache / model.folder / output;
  const auto text = read_file(note_path(path));
  if (!text.ok()) return false;
  const auto note = Json::parse(*text);
  if (!note.ok() || (*note)["source"].as_string() != source_key(model, output)) return false;
  const auto hash = hash_of(path);
  return hash.ok() && *hash == (*note)["sha256"].as_string();
}

ModelStatus status_of(const PinnedModel& model, const fs::path& cache, const HashOf& hash_of = sha256_file) {
  ModelStatus status{.model = model};
  const auto folder = cache / model.folder;
  for (const auto& file : model.files) {
    const auto hash = hash_of(folder / file.name);
    if (!hash.ok()) {
      status.missing.push_back(file.name);
    } else if (*hash != file.sha256) {
      status.changed.push_back(file.name);
    }
  }
  status.present = status.missing.empty();
  status.verified = status.present && status.changed.empty();
  status.ready = status.verified && std::ranges::all_of(model.outputs, [&](const auto& output) {
                   return output_is_current(model, cache, output, hash_of);
                 });
  if (!status.verified) {
    status.mend = "./run setup";
  } else if (!status.ready) {
    status.mend = "zhiyin setup";
  }
  return status;
}

Result<void> make_output(const PinnedModel& model, const fs::path& cache, const std::string& output) {
  const auto folder = cache / model.folder;
  ZY_TRY(const auto bytes, converted(model.name, output, folder));
  ZY_CHECK_OK(write_file_atomic(folder / output, bytes));
  const auto note = Json::object({{"source", source_key(model, output)}, {"sha256", sha256_hex(bytes)}});
  return write_file_atomic(note_path(folder / output), note.pretty() + "\n");
}

}  // namespace

Result<std::vector<ModelStatus>> model_status(const fs::path& cache, const fs::path& manifest, Hashing hashing) {
  ZY_TRY(const auto models, read_manifest(manifest));
  std::vector<ModelStatus> statuses;
  if (hashing == Hashing::kRead) {
    for (const auto& model : models) statuses.push_back(status_of(model, cache));
    return statuses;
  }
  HashMemory memory(cache / "hashes.json");
  for (const auto& model : models) {
    statuses.push_back(status_of(model, cache, [&](const fs::path& path) { return memory.sha256(path); }));
  }
  memory.save();
  return statuses;
}

Result<std::vector<ModelStatus>> prepare_models(const fs::path& cache, const fs::path& manifest) {
  ZY_TRY(auto statuses, model_status(cache, manifest));
  for (auto& status : statuses) {
    if (!status.verified || status.ready) continue;
    for (const auto& output : status.model.outputs) {
      if (output_is_current(status.model, cache, output)) continue;
      log_info("{}: making {}", status.model.name, output);
      ZY_CHECK_OK(make_output(status.model, cache, output).in(status.model.name + ": " + output));
    }
    status = status_of(status.model, cache);
  }
  return statuses;
}

}  // namespace zhiyin
