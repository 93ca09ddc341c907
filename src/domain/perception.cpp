#include "domain/perception.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace zhiyin {

Modality modality_of(std::string_view encoder) {
  if (encoder.starts_with("sound.") || encoder.starts_with("speech.")) return Modality::kSound;
  if (encoder.starts_with("vision.") || encoder.starts_with("picture.")) return Modality::kVision;
  return Modality::kText;
}

std::string to_text(const EncoderVersions& versions) {
  std::string text;
  for (const auto& [encoder, version] : versions) {
    if (!text.empty()) text += ' ';
    text += encoder + '@' + std::to_string(version);
  }
  return text;
}

EncoderVersions encoder_versions_from(std::string_view text) {
  EncoderVersions versions;
  for (const auto piece : split(text, ' ')) {
    const auto at = piece.rfind('@');
    if (at == std::string_view::npos) continue;
    int version = 0;
    if (std::from_chars(piece.data() + at + 1, piece.data() + piece.size(), version).ec != std::errc{}) continue;
    versions.emplace(piece.substr(0, at), version);
  }
  return versions;
}

EncoderVersions versions_of(const Perception& perception) {
  EncoderVersions versions;
  for (const auto& run : perception.runs) {
    if (run.version > 0) versions[run.encoder] = run.version;
  }
  return versions;
}

void erase_facts_of(const EncoderRun& run, Perception& perception) {
  auto kept = Json::object();
  for (const auto& [name, value] : perception.facts.members()) {
    if (std::ranges::find(run.facts, name) == run.facts.end()) kept.set(name, value);
  }
  perception.facts = std::move(kept);
}

Json to_json(const Perception& perception) {
  auto tags = Json::array();
  for (const auto& tag : perception.tags) {
    tags.push(Json::object({{"name", tag.name}, {"confidence", tag.confidence}, {"encoder", tag.encoder}}));
  }
  auto passages = Json::array();
  for (const auto& passage : perception.passages) {
    passages.push(Json::object({{"kind", passage.kind},
                                {"start_s", passage.start_s},
                                {"end_s", passage.end_s},
                                {"text", passage.text},
                                {"confidence", passage.confidence},
                                {"encoder", passage.encoder}}));
  }
  auto runs = Json::array();
  for (const auto& run : perception.runs) {
    auto entry = Json::object({{"encoder", run.encoder}, {"version", run.version}, {"cpu_s", run.cpu_s}});
    if (!run.problem.empty()) entry.set("problem", run.problem);
    if (!run.facts.empty()) entry.set("facts", Json(Json::Array(run.facts.begin(), run.facts.end())));
    runs.push(std::move(entry));
  }
  auto warnings = Json::array();
  for (const auto& warning : perception.warnings) warnings.push(warning);
  return Json::object({{"tags", std::move(tags)},
                       {"passages", std::move(passages)},
                       {"facts", perception.facts},
                       {"runs", std::move(runs)},
                       {"warnings", std::move(warnings)}});
}

Perception perception_from_json(const Json& json) {
  Perception perception;
  const auto text = [](const Json& value) { return std::string(value.as_string()); };
  for (const auto& tag : json["tags"].elements()) {
    perception.tags.push_back({text(tag["name"]), tag["confidence"].as_number(), text(tag["encoder"])});
  }
  for (const auto& passage : json["passages"].elements()) {
    perception.passages.push_back({text(passage["kind"]), passage["start_s"].as_number(), passage["end_s"].as_number(),
                                   text(passage["text"]), passage["confidence"].as_number(1),
                                   text(passage["encoder"])});
  }
  if (json["facts"].is_object()) perception.facts = json["facts"];
  for (const auto& run : json["runs"].elements()) {
    perception.runs.push_back({text(run["encoder"]),
                               static_cast<int>(run["version"].as_integer(1)),
                               run["cpu_s"].as_number(),
                               text(run["problem"]),
                               {}});
    for (const auto& name : run["facts"].elements()) perception.runs.back().facts.push_back(text(name));
  }
  for (const auto& warning : json["warnings"].elements()) perception.warnings.push_back(text(warning));
  return perception;
}

}  // namespace zhiyin
