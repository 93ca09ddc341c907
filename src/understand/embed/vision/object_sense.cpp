#include "understand/embed/vision/object_sense.h"

#include <algorithm>

namespace zhiyin {

Result<void> ObjectSense::perceive(const Decoded& decoded, Perception& found) const {
  if (decoded.frames.empty()) return {};
  constexpr auto kKinds = kCocoNames.size();
  std::vector<float> scores(2 * kKinds, 0.0F);
  std::vector<float> look(model_->look_dim(), 0.0F);
  const auto share = 1.0F / static_cast<float>(decoded.frames.size());
  for (const auto& frame : decoded.frames) {
    ZY_TRY(const auto view, model_->view(frame));
    for (std::size_t i = 0; i < kKinds; ++i) {
      scores[i] += share * view.scores[i];
      scores[kKinds + i] = std::max(scores[kKinds + i], view.scores[i]);
    }
    for (std::size_t i = 0; i < look.size(); ++i) look[i] += share * view.look[i];
  }
  for (std::size_t i = 0; i < kKinds; ++i) {
    const float surest = scores[kKinds + i];
    if (surest >= kShownScore) found.tags.push_back({std::string(kCocoNames[i]), surest, name_});
  }
  found.vectors.push_back({name_, version_, std::move(scores)});
  if (!look.empty()) found.vectors.push_back({look_name(name_), version_, std::move(look)});
  return {};
}

}  // namespace zhiyin
