// What the object detectors have in common: a picture in, 80 scores and perhaps a description of its look out.
#pragma once

#include <vector>

#include "base/result.h"
#include "understand/embed/vision/coco_names.h"
#include "understand/media/media.h"

namespace zhiyin {

struct ObjectView {
  std::vector<float> scores;  // kCocoNames.size(), each in [0, 1]: the surest place anywhere in the picture
  std::vector<float> look;    // ObjectModel::look_dim() numbers of the picture as a whole
};

// Thread-safe: view() may be called from any threads at once.
class ObjectModel {
 public:
  virtual ~ObjectModel() = default;
  [[nodiscard]] virtual std::size_t look_dim() const = 0;  // 0: scores only
  // The frame must have pixels; it is stretched to the square that the model wants.
  [[nodiscard]] virtual Result<ObjectView> view(const Frame& frame) const = 0;
};

}  // namespace zhiyin
