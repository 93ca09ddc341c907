#include "understand/embed/vision/ocr_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "understand/embed/vision/resize.h"

namespace zhiyin {
namespace {

constexpr int kStep = 32;          // sides that the network can halve five times
constexpr int kSmallestCore = 20;  // pixels
constexpr int kThinnest = 3;       // pixels: lower cores are rules and borders

// As PaddleOCR has them: the means of red, green, blue put on blue, green, red.
constexpr std::array<float, 3> kMean = {0.485F, 0.456F, 0.406F};
constexpr std::array<float, 3> kDeviation = {0.229F, 0.224F, 0.225F};

int to_step(double side) { return std::max(kStep, static_cast<int>(std::lround(side / kStep)) * kStep); }

struct Core {
  int left, top, right, bottom;  // inclusive
  int pixels = 0;
  double sum = 0;
};

// Takes the core that holds this pixel out of the map of those not yet seen.
Core take_core(std::span<const float> map, int width, int height, int start, std::vector<std::uint8_t>& open,
               std::vector<int>& stack) {
  Core core{start % width, start / width, start % width, start / width};
  stack.assign(1, start);
  open[static_cast<std::size_t>(start)] = 0;
  while (!stack.empty()) {
    const int at = stack.back();
    stack.pop_back();
    const int x = at % width;
    const int y = at / width;
    core.left = std::min(core.left, x);
    core.right = std::max(core.right, x);
    core.top = std::min(core.top, y);
    core.bottom = std::max(core.bottom, y);
    core.sum += map[static_cast<std::size_t>(at)];
    ++core.pixels;
    for (int ny = std::max(y - 1, 0); ny <= std::min(y + 1, height - 1); ++ny) {
      for (int nx = std::max(x - 1, 0); nx <= std::min(x + 1, width - 1); ++nx) {
        auto& is_open = open[static_cast<std::size_t>(ny * width + nx)];
        if (is_open != 0) stack.push_back(ny * width + nx);
        is_open = 0;
      }
    }
  }
  return core;
}

TextBox grown(const Core& core, int width, int height) {
  const double w = core.right - core.left + 1;
  const double h = core.bottom - core.top + 1;
  const int by = static_cast<int>(std::lround(w * h * OcrDetector::kGrowth / (2 * (w + h))));
  const int left = std::max(core.left - by, 0);
  const int top = std::max(core.top - by, 0);
  const int right = std::min(core.right + by, width - 1);
  const int bottom = std::min(core.bottom + by, height - 1);
  return {left, top, right - left + 1, bottom - top + 1, static_cast<float>(core.sum / core.pixels)};
}

// From pixels of the map to pixels of the frame.
TextBox on_frame(const TextBox& box, const Frame& frame, int width, int height) {
  const auto across = [&](int x) {
    return static_cast<int>(std::lround(static_cast<double>(x) * frame.width / width));
  };
  const auto down = [&](int y) {
    return static_cast<int>(std::lround(static_cast<double>(y) * frame.height / height));
  };
  TextBox out{across(box.left), down(box.top), 0, 0, box.score};
  out.width = across(box.left + box.width) - out.left;
  out.height = down(box.top + box.height) - out.top;
  return out;
}

}  // namespace

Result<std::unique_ptr<OcrDetector>> OcrDetector::open(const std::filesystem::path& folder) {
  ZY_TRY(auto session, OnnxSession::open(folder / "det.onnx"));
  return std::make_unique<OcrDetector>(std::move(session));
}

std::vector<TextBox> boxes_of_map(std::span<const float> map, int width, int height) {
  std::vector<std::uint8_t> open(map.size());
  std::ranges::transform(map, open.begin(), [](float value) { return value > OcrDetector::kCore ? 1 : 0; });
  std::vector<TextBox> boxes;
  std::vector<int> stack;
  for (int start = 0; start < width * height; ++start) {
    if (open[static_cast<std::size_t>(start)] == 0) continue;
    const auto core = take_core(map, width, height, start, open, stack);
    const bool tiny =
        core.pixels < kSmallestCore || core.right - core.left + 1 < kThinnest || core.bottom - core.top + 1 < kThinnest;
    if (tiny || core.sum / core.pixels < OcrDetector::kSurest) continue;
    boxes.push_back(grown(core, width, height));
  }
  return boxes;
}

void sort_for_reading(std::vector<TextBox>& boxes) {
  std::ranges::sort(boxes, {}, [](const TextBox& box) { return 2 * box.top + box.height; });
  // A row is what overlaps its first box by half.
  for (auto row = boxes.begin(); row != boxes.end();) {
    const int bottom = row->top + row->height;
    const auto end =
        std::find_if(row, boxes.end(), [&](const TextBox& box) { return box.top + box.height / 2 >= bottom; });
    std::ranges::sort(row, end, {}, &TextBox::left);
    row = end;
  }
}

Result<std::vector<TextBox>> OcrDetector::find(const Frame& frame) const {
  const double scale = std::min(1.0, static_cast<double>(kLongestSide) / std::max(frame.width, frame.height));
  const int width = to_step(frame.width * scale);
  const int height = to_step(frame.height * scale);
  const auto seen = resized(frame, width, height);
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  std::vector<float> planes(3 * pixels);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t p = 0; p < pixels; ++p) {
      planes[c * pixels + p] = (static_cast<float>(seen.rgb[3 * p + 2 - c]) / 255 - kMean[c]) / kDeviation[c];
    }
  }
  const OnnxInput input{"x", {{1, 3, height, width}, std::move(planes)}};
  ZY_TRY(const auto arrays, session_->run({&input, 1}));
  const auto& map = arrays[0].floats();
  if (map.size() != pixels)
    return invalid("det.onnx gives a map of another size than its picture: fetch it anew with `./run setup`");
  auto boxes = boxes_of_map(map, width, height);
  for (auto& box : boxes) box = on_frame(box, frame, width, height);
  sort_for_reading(boxes);
  return boxes;
}

}  // namespace zhiyin
