#include "understand/embed/vision/ocr_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "understand/embed/vision/resize.h"

namespace zhiyin {
namespace {

constexpr int kStep = 32;  // widths are padded to a multiple, so that few shapes occur: each new one costs ONNX Runtime

}  // namespace

Result<std::unique_ptr<OcrReader>> OcrReader::open(const std::filesystem::path& folder) {
  std::error_code failed;
  return open(folder, std::filesystem::exists(folder / kSmallModel, failed) ? kSmallModel : kWholeModel);
}

Result<std::unique_ptr<OcrReader>> OcrReader::open(const std::filesystem::path& folder, std::string_view model) {
  ZY_TRY(const auto text, read_file(folder / "keys.txt"));
  std::vector<std::string> keys;
  for (auto line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    keys.emplace_back(line);
  }
  while (!keys.empty() && keys.back().empty()) keys.pop_back();
  if (keys.empty()) return invalid(fmt::format("{}: there are no characters in it", (folder / "keys.txt").string()));
  ZY_TRY(auto session, OnnxSession::open(folder / model));
  return std::make_unique<OcrReader>(std::move(session), std::move(keys));
}

ReadText read_greedily(std::span<const float> probabilities, std::size_t classes, std::span<const std::string> keys) {
  ReadText read;
  std::size_t before = 0;
  double sum = 0;
  int count = 0;
  for (std::size_t at = 0; at + classes <= probabilities.size(); at += classes) {
    const auto step = probabilities.subspan(at, classes);
    const auto surest = static_cast<std::size_t>(std::ranges::max_element(step) - step.begin());
    if (surest != 0 && surest != before) {
      read.text += surest <= keys.size() ? keys[surest - 1] : " ";
      sum += step[surest];
      ++count;
    }
    before = surest;
  }
  read.text = std::string(trim(read.text));
  read.confidence = count > 0 && !read.text.empty() ? sum / count : 0;
  return read;
}

int OcrReader::columns(int width, int height) {
  const int wanted = static_cast<int>(std::lround(static_cast<double>(kHeight) * width / std::max(height, 1)));
  return std::clamp(wanted, kHeight / 2, kWidest);
}

Result<ReadText> OcrReader::read(const Frame& line) const {
  ZY_TRY(const auto values, probabilities(line));
  return read_greedily(values, classes(), keys_);
}

Result<std::vector<float>> OcrReader::probabilities(const Frame& line) const {
  const int width = columns(line.width, line.height);
  const auto seen = resized(line, width, kHeight);
  const int padded = (width + kStep - 1) / kStep * kStep;
  const auto plane = static_cast<std::size_t>(padded) * kHeight;
  std::vector<float> planes(3 * plane, 0.0F);  // the padding is mid-grey, as in training
  for (std::size_t c = 0; c < 3; ++c) {
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < width; ++x) {
        const auto from = 3 * static_cast<std::size_t>(y * width + x) + 2 - c;
        planes[c * plane + static_cast<std::size_t>(y * padded + x)] = static_cast<float>(seen.rgb[from]) / 127.5F - 1;
      }
    }
  }
  const OnnxInput input{"x", {{1, 3, kHeight, padded}, std::move(planes)}};
  ZY_TRY(auto arrays, session_->run({&input, 1}));
  const auto& shape = arrays[0].shape;
  if (shape.empty() || shape.back() != static_cast<std::int64_t>(classes())) {
    return invalid(fmt::format("the model knows {} characters, keys.txt {}: fetch them anew with `./run setup`",
                               shape.empty() ? 0 : shape.back() - 2, keys_.size()));
  }
  return std::move(std::get<std::vector<float>>(arrays[0].values));
}

}  // namespace zhiyin
