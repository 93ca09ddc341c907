// What was understood of an item from its file: vectors, tags, words and facts, each by a named encoder at a version,
// so that an upgrade re-analyses only what it changed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace zhiyin {

// What an encoder looks at, by the first word of its name: "sound.classic", "vision.centernet", "text.use".
enum class Modality { kText, kSound, kVision };
inline constexpr int kModalities = 3;
Modality modality_of(std::string_view encoder);

// One vector of one item by one encoder.
struct StoredVector {
  std::string encoder;  // "sound.classic", "text.use", ...
  int version = 1;
  std::vector<float> values;
};

// Something that a model saw or heard: "dog", "piano".
struct PerceivedTag {
  std::string name;
  double confidence = 0;  // (0, 1]
  std::string encoder;
};

// Words that are in the file itself.
struct Passage {
  std::string kind;  // "subtitle", "screen", "speech"
  double start_s = 0;
  double end_s = 0;
  std::string text;
  double confidence = 1;
  std::string encoder;
};

// One encoder at work on one file.
struct EncoderRun {
  std::string encoder;
  int version = 1;  // 0: it could not be opened at all
  double cpu_s = 0;
  std::string problem;             // why it gave nothing, "" if it did its work
  std::vector<std::string> facts;  // the names of those it gave: they go when it runs again
};

struct Perception {
  std::vector<StoredVector> vectors;
  std::vector<PerceivedTag> tags;
  std::vector<Passage> passages;
  Json facts = Json::object();  // "tempo_bpm", "key", "loudness_lufs", "adult", ...: single numbers and words
  std::vector<EncoderRun> runs;
  std::vector<std::string> warnings;  // what could not be read although the item lives on
};

// Which version of each encoder has seen or read an item, whether or not it found something to say: what a scan
// compares with the encoders of today. As text: "sound.classic@2 text.use@1".
using EncoderVersions = std::map<std::string, int, std::less<>>;
std::string to_text(const EncoderVersions& versions);
EncoderVersions encoder_versions_from(std::string_view text);  // pieces that are not of this form are left out

// Of the runs. A version of 0 stands for an encoder that was not there, and is left out.
EncoderVersions versions_of(const Perception& perception);

// Drops the facts that a run gave.
void erase_facts_of(const EncoderRun& run, Perception& perception);

// Everything but the vectors, which are kept apart: {"tags":[],"passages":[],"facts":{},"runs":[],"warnings":[]}.
Json to_json(const Perception& perception);
Perception perception_from_json(const Json& json);  // what is missing or of another type is left empty

}  // namespace zhiyin
