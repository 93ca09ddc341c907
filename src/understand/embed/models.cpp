#include "understand/embed/models.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "understand/embed/conversions.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// Raised when the converter's output changes, so that what older versions made is made anew.
constexpr int kConverterVersion = 1;

// What an output is made of: the pinned files and the converter.
std::string source_key(const PinnedModel& model) {
  auto text = fmt::format("converter {}\n", kConverterVersion);
  for (const auto& file : model.files) text += fmt::format("{} {}\n", file.sha256, file.name);
  return sha256_hex(text);
}

// Beside an output lies a note of what it was made of and of its own hash.
fs::path note_path(const fs::path& output) { return output.string() + ".made.json"; }

bool output_is_current(const PinnedModel& model, const fs::path& output) {
  const auto text = read_file(note_path(output));
  if (!text.ok()) return false;
  const auto note = Json::parse(*text);
  if (!note.ok() || (*note)["source"].as_string() != source_key(model)) return false;
  const auto hash = sha256_file(output);
  return hash.ok() && *hash == (*note)["sha256"].as_string();
}

ModelStatus status_of(const PinnedModel& model, const fs::path& cache) {
  ModelStatus status{.model = model};
  const auto folder = cache / model.folder;
  for (const auto& file : model.files) {
    const auto hash = sha256_file(folder / file.name);
    if (!hash.ok()) {
      status.missing.push_back(file.name);
    } else if (*hash != file.sha256) {
      status.changed.push_back(file.name);
    }
  }
  status.present = status.missing.empty();
  status.verified = status.present && status.changed.empty();
  status.ready = status.verified && (model.output.empty() || output_is_current(model, folder / model.output));
  if (!status.verified) {
    status.mend = "./run setup";
  } else if (!status.ready) {
    status.mend = "zhiyin setup";
  }
  return status;
}

Result<void> make_output(const PinnedModel& model, const fs::path& cache) {
  const auto folder = cache / model.folder;
  ZY_TRY(const auto bytes, converted(model.name, folder));
  ZY_CHECK_OK(write_file_atomic(folder / model.output, bytes));
  const auto note = Json::object({{"source", source_key(model)}, {"sha256", sha256_hex(bytes)}});
  return write_file_atomic(note_path(folder / model.output), note.pretty() + "\n");
}

}  // namespace

Result<std::vector<ModelStatus>> model_status(const fs::path& cache, const fs::path& manifest) {
  ZY_TRY(const auto models, read_manifest(manifest));
  std::vector<ModelStatus> statuses;
  for (const auto& model : models) statuses.push_back(status_of(model, cache));
  return statuses;
}

Result<std::vector<ModelStatus>> prepare_models(const fs::path& cache, const fs::path& manifest) {
  ZY_TRY(auto statuses, model_status(cache, manifest));
  for (auto& status : statuses) {
    if (!status.verified || status.ready) continue;
    log_info("{}: making {}", status.model.name, status.model.output);
    ZY_CHECK_OK(make_output(status.model, cache).in(status.model.name));
    status = status_of(status.model, cache);
  }
  return statuses;
}

}  // namespace zhiyin
