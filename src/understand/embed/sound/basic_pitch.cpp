#include "understand/embed/sound/basic_pitch.h"

#include <algorithm>
#include <cassert>

namespace zhiyin {

Result<std::unique_ptr<BasicPitch>> BasicPitch::open(const std::filesystem::path& folder) {
  ZY_TRY(auto session, OnnxSession::open(folder / kFile));
  return std::make_unique<BasicPitch>(std::move(session));
}

Result<KeyFrames> BasicPitch::window(std::span<const float> samples) const {
  assert(samples.size() == kWindow);
  const std::vector<OnnxInput> inputs = {
      {"input_2", {{1, kWindow, 1}, std::vector<float>(samples.begin(), samples.end())}}};
  const std::vector<std::string> outputs = {std::string(kNotes), std::string(kOnsets)};
  ZY_TRY(auto answer, session_->run(inputs, outputs));
  constexpr std::size_t kSize = std::size_t{kWindowFrames} * KeyFrames::kKeys;
  if (answer[0].floats().size() != kSize || answer[1].floats().size() != kSize) {
    return internal("basic-pitch gave arrays of another size than 172 x 88");
  }
  return KeyFrames{kWindowFrames, std::move(std::get<0>(answer[0].values)), std::move(std::get<0>(answer[1].values))};
}

Result<KeyFrames> BasicPitch::stretch(std::span<const float> samples, std::size_t start) const {
  constexpr std::ptrdiff_t kEdge = std::ptrdiff_t{kEdgeFrames} * kFrame;
  std::vector<float> heard(kWindow, 0.0F);
  const auto first = static_cast<std::ptrdiff_t>(start) - kEdge;  // of the samples, at heard[0]
  const auto from = std::max<std::ptrdiff_t>(first, 0);
  const auto to = std::min(first + kWindow, static_cast<std::ptrdiff_t>(samples.size()));
  if (from < to) std::copy(samples.begin() + from, samples.begin() + to, heard.begin() + (from - first));
  ZY_TRY(auto found, window(heard));
  const auto usable = [](std::vector<float>& rows) {
    constexpr std::ptrdiff_t kCut = std::ptrdiff_t{kEdgeFrames} * KeyFrames::kKeys;
    rows.erase(rows.end() - kCut, rows.end());
    rows.erase(rows.begin(), rows.begin() + kCut);
  };
  usable(found.notes);
  usable(found.onsets);
  found.frames -= 2 * kEdgeFrames;
  return found;
}

}  // namespace zhiyin
