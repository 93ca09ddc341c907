#include "understand/embed/vision/adult_score.h"

#include <algorithm>
#include <cmath>

#include "understand/embed/vision/resize.h"

namespace zhiyin {
namespace {

constexpr std::size_t kLooks = 6;  // frames of a video that are looked at, spread over it

double adult_of(const std::array<float, AdultModel::kClasses>& classes) {
  return double{classes[AdultModel::kHentai]} + classes[AdultModel::kPorn] + classes[AdultModel::kSexy];
}

Frame mirrored(Frame frame) {
  for (int y = 0; y < frame.height; ++y) {
    auto* row = &frame.rgb[3 * static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.width)];
    for (int x = 0; x < frame.width / 2; ++x) {
      std::swap_ranges(row + 3 * x, row + 3 * x + 3, row + 3 * (frame.width - 1 - x));
    }
  }
  return frame;
}

// The share of each side that is kept, from its upper left corner or its lower right one.
Frame corner(const Frame& frame, double share, bool lower_right) {
  const int width = std::max(1, static_cast<int>(std::lround(share * frame.width)));
  const int height = std::max(1, static_cast<int>(std::lround(share * frame.height)));
  return cropped(frame, lower_right ? frame.width - width : 0, lower_right ? frame.height - height : 0, width, height);
}

}  // namespace

Result<std::unique_ptr<AdultModel>> AdultModel::open(const std::filesystem::path& folder) {
  ZY_TRY(auto session, OnnxSession::open(folder / "nsfw.onnx"));
  return std::make_unique<AdultModel>(std::move(session));
}

Result<std::array<float, AdultModel::kClasses>> AdultModel::classes(const Frame& frame) const {
  const auto square = resized(frame, kSide, kSide);
  std::vector<float> values(square.rgb.size());
  std::ranges::transform(square.rgb, values.begin(),
                         [](std::uint8_t value) { return static_cast<float>(value) / 255; });
  const OnnxInput input{"input", {{1, kSide, kSide, 3}, std::move(values)}};
  const std::string output(kOutput);
  ZY_TRY(const auto arrays, session_->run({&input, 1}, {&output, 1}));
  const auto& given = arrays[0].floats();
  std::array<float, kClasses> classes{};
  if (given.size() != classes.size()) {
    return invalid("nsfw.onnx has an output of another size: make it anew with `zhiyin setup`");
  }
  std::ranges::copy(given, classes.begin());
  return classes;
}

double adult_score(std::vector<double> frames) {
  if (frames.empty()) return 0;
  const auto middle = frames.begin() + static_cast<std::ptrdiff_t>((frames.size() - 1) / 2);
  std::ranges::nth_element(frames, middle);
  return *middle;
}

Result<void> AdultScore::perceive(const Decoded& decoded, Perception& found) const {
  const auto& frames = decoded.frames;
  if (frames.empty()) return {};
  std::vector<double> scores;
  if (frames.size() == 1) {
    double lowest = 1;
    for (const auto& look :
         {frames[0], mirrored(frames[0]), corner(frames[0], 0.85, false), corner(frames[0], 0.85, true)}) {
      ZY_TRY(const auto classes, model_->classes(look));
      lowest = std::min(lowest, adult_of(classes));
      if (lowest < kAdultScore / 2) break;  // nothing that follows can make it adult
    }
    scores.push_back(lowest);
  } else {
    const auto looks = std::min(frames.size(), kLooks);
    for (std::size_t i = 0; i < looks; ++i) {
      ZY_TRY(const auto classes, model_->classes(frames[i * frames.size() / looks]));
      scores.push_back(adult_of(classes));
    }
  }
  found.facts.set("adult", std::round(adult_score(std::move(scores)) * 1000) / 1000);
  return {};
}

}  // namespace zhiyin
