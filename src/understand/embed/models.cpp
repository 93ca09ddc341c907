#include "understand/embed/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "understand/embed/tfjs_to_onnx.h"
#include "understand/embed/use_encoder.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// Raised when the converter's output changes, so that what older versions made is made anew.
constexpr int kConverterVersion = 1;

// The first numbers of one sentence's vector, as the original model gives them (tests/data/use_golden.json has more).
constexpr std::string_view kKnownSentence = "How to cook spicy noodles at home";
constexpr std::array kKnownVector = {
    0.0569973F, 0.0462639F, -0.0598786F, -0.0148678F, 0.0047817F, -0.0522844F,
    -0.0378624F, 0.0118994F, -0.0418916F, -0.0599198F, -0.0006935F, -0.0122151F,
};
constexpr double kTolerance = 1e-4;

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

Result<void> check_against_known_vector(const fs::path& vocabulary, std::string_view onnx) {
  ZY_TRY(auto tokenizer, UseTokenizer::open(vocabulary));
  ZY_TRY(auto session, OnnxSession::from_bytes(onnx));
  const UseEncoder encoder(std::move(tokenizer), std::move(session));
  ZY_TRY(const auto vector, encoder.encode_one(std::string(kKnownSentence)));
  for (std::size_t i = 0; i < kKnownVector.size(); ++i) {
    if (!(std::abs(vector[i] - kKnownVector[i]) <= kTolerance)) {
      return internal(fmt::format("the converted model gives {} where the original gives {} (number {} of \"{}\"): not used",
                                  vector[i], kKnownVector[i], i, kKnownSentence));
    }
  }
  return {};
}

Result<std::string> convert_use_lite(const fs::path& folder) {
  ZY_TRY(const auto model, read_tfjs(folder / "model.json"));
  ZY_TRY(const auto onnx, tfjs_to_onnx(model, {.name = "use-lite", .outputs = {std::string(UseEncoder::kOutput)}}));
  auto bytes = onnx.serialize();
  ZY_CHECK_OK(check_against_known_vector(folder / "vocab.json", bytes));
  return bytes;
}

// The outputs that this version knows how to make.
struct Conversion {
  std::string_view model;
  Result<std::string> (*convert)(const fs::path& folder);
};
constexpr std::array kConversions = {Conversion{"use-lite", convert_use_lite}};

Result<void> make_output(const PinnedModel& model, const fs::path& cache) {
  const auto* conversion = std::ranges::find(kConversions, model.name, &Conversion::model);
  if (conversion == kConversions.end()) {
    return invalid(fmt::format("the manifest wants {}, which this version cannot make", model.output));
  }
  const auto folder = cache / model.folder;
  ZY_TRY(const auto bytes, conversion->convert(folder));
  ZY_CHECK_OK(write_file_atomic(folder / model.output, bytes));
  const auto note = Json::object({{"source", source_key(model)}, {"sha256", sha256_hex(bytes)}});
  return write_file_atomic(note_path(folder / model.output), note.pretty() + "\n");
}

}  // namespace

fs::path model_cache() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value != nullptr ? value : "");
  };
  if (auto cache = variable("ZHIYIN_CACHE"); !cache.empty()) return cache;
  if (auto cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache / "zhiyin";
  return variable("HOME") / ".cache" / "zhiyin";
}

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
