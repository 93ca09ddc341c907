// The sense made of an object detector: what is to be seen in the key frames of a file.
//
// Two vectors, because what is there and how it looks are two statements, and fusion weighs vectors, not numbers: under
// the sense's name the mean of the scores over the frames and their maximum (80 + 80); under NAME.look the mean of the
// looks, for a model that has them. What is at least kShownScore sure in some frame becomes a tag.
#pragma once

#include <memory>
#include <string>

#include "understand/embed/vision/object_model.h"
#include "understand/sense.h"

namespace zhiyin {

inline constexpr float kShownScore = 0.3F;

class ObjectSense final : public Sense {
 public:
  ObjectSense(std::string name, int version, std::unique_ptr<ObjectModel> model)
      : name_(std::move(name)), version_(version), model_(std::move(model)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] static std::string look_name(std::string_view name) { return std::string(name) + ".look"; }
  [[nodiscard]] int version() const override { return version_; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override;

 private:
  std::string name_;
  int version_;
  std::unique_ptr<ObjectModel> model_;
};

}  // namespace zhiyin
