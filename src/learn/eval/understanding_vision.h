// The part of the table "understanding" that is about what is seen: which vectors a clip's pictures give, each alone
// and fused as the catalogue fuses them.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "domain/feature_block.h"
#include "learn/eval/leave_one_out.h"
#include "understand/sense.h"

namespace zhiyin {

// One encoder's place in the vector of a clip.
struct SeenBlock {
  std::string encoder;
  int first = 0;
  int count = 0;
};

// Some of the numbers, asked alone: the row's model, and the result's name ("tags" gives "picture.tags_nn1").
struct SeenPart {
  std::string model;
  std::string result;
  SeenBlock block;
};

// Looks at clips with the senses of pictures that give vectors, those of the cache and NanoDet beside CenterNet, to
// compare. A model that is not there leaves its block out. Thread-safe.
class Seer {
 public:
  explicit Seer(const std::filesystem::path& cache);

  // The blocks one after another; zeros for what the clip does not give (a still picture has no shots). Errors: no
  // picture, a sense that fails.
  [[nodiscard]] Result<std::vector<float>> describe(const Decoded& decoded) const;

  // Where the encoders' vectors stand in that of a clip.
  [[nodiscard]] std::vector<FeatureBlock> blocks() const;
  // Parts that some clip gives something for.
  [[nodiscard]] std::vector<SeenPart> parts(const LabelledVectors& clips) const;
  // The clips with only this part; what is sparse is z-scored with the catalogue's care for dimensions that hardly
  // change.
  [[nodiscard]] LabelledVectors only(const LabelledVectors& clips, const SeenPart& part) const;
  // The clips as the catalogue fuses them: every block of the default senses at its weight.
  [[nodiscard]] LabelledVectors fused(const LabelledVectors& clips) const;

 private:
  Senses senses_;
  std::vector<SeenBlock> blocks_;
};

}  // namespace zhiyin
