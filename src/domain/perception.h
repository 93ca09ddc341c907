// What was understood of an item from its file: vectors, tags, words and facts, each by a named encoder at a version, so
// that an upgrade re-analyses only what it changed.
#pragma once

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
  int version = 1;
  double cpu_s = 0;
  std::string problem;  // why it gave nothing, "" if it did its work
};

struct Perception {
  std::vector<StoredVector> vectors;
  std::vector<PerceivedTag> tags;
  std::vector<Passage> passages;
  Json facts = Json::object();  // "tempo_bpm", "key", "loudness_lufs", "adult", ...: single numbers and words
  std::vector<EncoderRun> runs;
  std::vector<std::string> warnings;  // what could not be read although the item lives on
};

// Everything but the vectors, which are kept apart: {"tags":[],"passages":[],"facts":{},"runs":[],"warnings":[]}.
Json to_json(const Perception& perception);
Perception perception_from_json(const Json& json);  // what is missing or of another type is left empty

}  // namespace zhiyin
