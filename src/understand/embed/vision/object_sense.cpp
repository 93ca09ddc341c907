#include "understand/embed/vision/object_sense.h"

#include <algorithm>

namespace zhiyin {

Result<void> ObjectSense::perceive(const Decoded& decoded, Perception& found) const {
  if (decoded.frames.empty()) return {};
  constexpr auto kKinds = kCocoNames.size();
  std::vector<float> vector(2 * kKinds + model_->look_dim(), 0.0F);
  const auto share = 1.0F / static_cast<float>(decoded.frames.size());
  for (const auto& frame : decoded.frames) {
    ZY_TRY(const auto view, model_->view(frame));
    for (std::size_t i = 0; i < kKinds; ++i) {
      vector[i] += share * view.scores[i];
      vector[kKinds + i] = std::max(vector[kKinds + i], view.scores[i]);
    }
    for (std::size_t i = 0; i < view.look.size(); ++i) vector[2 * kKinds + i] += share * view.look[i];
  }
  for (std::size_t i = 0; i < kKinds; ++i) {
    const float surest = vector[kKinds + i];
    if (surest >= kShownScore) found.tags.push_back({std::string(kCocoNames[i]), surest, name_});
  }
  found.vectors.push_back({name_, version_, std::move(vector)});
  return {};
}

}  // namespace zhiyin
