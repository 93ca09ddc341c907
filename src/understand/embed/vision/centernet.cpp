#include "understand/embed/vision/centernet.h"

#include <algorithm>

#include "understand/embed/vision/resize.h"

namespace zhiyin {

Result<std::unique_ptr<CenterNet>> CenterNet::open(const std::filesystem::path& folder) {
  ZY_TRY(auto session, OnnxSession::open(folder / "centernet.onnx"));
  return std::make_unique<CenterNet>(std::move(session));
}

Result<ObjectView> CenterNet::view(const Frame& frame) const {
  const auto square = resized(frame, kSide, kSide);
  const OnnxInput input{"tower_0/images",
                        {{1, kSide, kSide, 3}, std::vector<float>(square.rgb.begin(), square.rgb.end())}};
  const std::string outputs[] = {std::string(kHeatMap), std::string(kFeatures)};
  ZY_TRY(const auto arrays, session_->run({&input, 1}, outputs));
  const auto& heat = arrays[0].floats();
  const auto& features = arrays[1].floats();
  if (heat.size() % kCocoNames.size() != 0 || features.empty() || features.size() % kLook != 0) {
    return invalid("centernet.onnx has outputs of other sizes: make it anew with `zhiyin setup`");
  }
  ObjectView view{std::vector<float>(kCocoNames.size(), 0.0F), std::vector<float>(kLook, 0.0F)};
  for (auto at = heat.begin(); at != heat.end(); at += kCocoNames.size()) {
    for (std::size_t i = 0; i < kCocoNames.size(); ++i)
      view.scores[i] = std::max(view.scores[i], at[static_cast<std::ptrdiff_t>(i)]);
  }
  for (std::size_t i = 0; i < features.size(); ++i) view.look[i % kLook] += features[i];
  for (auto& value : view.look) value /= static_cast<float>(features.size() / kLook);
  return view;
}

}  // namespace zhiyin
