#include "understand/embed/vision/screen_text.h"

#include <algorithm>
#include <cstdlib>

#include "understand/embed/vision/resize.h"
#include "understand/embed/vision/screen_passages.h"

namespace zhiyin {
namespace {

constexpr int kLookWidth = 48;  // of a line, by which it is known again
constexpr int kLookHeight = 8;
constexpr int kSameLook = 6;  // mean difference of a channel, of 255
constexpr int kLowest = 8;    // pixels: print below this cannot be read

// A line that was read, and how it looked.
struct KnownLine {
  TextBox box;
  std::vector<std::uint8_t> look;
  ReadText read;
};

bool same_place(const TextBox& a, const TextBox& b) {
  const int slack = std::max(a.height, b.height) / 2;
  return std::abs(a.left - b.left) <= slack && std::abs(a.top - b.top) <= slack &&
         std::abs(a.width - b.width) <= 2 * slack && std::abs(a.height - b.height) <= slack;
}

bool same_look(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(int{a[i]} - int{b[i]});
  return sum <= static_cast<std::int64_t>(kSameLook * a.size());
}

const KnownLine* known_line(const std::vector<KnownLine>& lines, const TextBox& box,
                            const std::vector<std::uint8_t>& look) {
  const auto found = std::ranges::find_if(
      lines, [&](const KnownLine& line) { return same_place(line.box, box) && same_look(line.look, look); });
  return found == lines.end() ? nullptr : &*found;
}

}  // namespace

Result<std::unique_ptr<ScreenText>> ScreenText::open(const std::filesystem::path& folder) {
  ZY_TRY(auto detector, OcrDetector::open(folder));
  ZY_TRY(auto reader, OcrReader::open(folder));
  return std::make_unique<ScreenText>(std::move(detector), std::move(reader));
}

Result<void> ScreenText::perceive(const Decoded& decoded, Perception& found) const {
  std::vector<std::vector<ReadLine>> pages;
  std::vector<KnownLine> before;
  int columns = 0;
  for (const auto& page : decoded.pages) {
    ZY_TRY(const auto boxes, detector_->find(page));
    std::vector<KnownLine> now;
    auto& lines = pages.emplace_back();
    for (const auto& box : boxes) {
      if (box.height < kLowest || box.width < kLowest) continue;
      const auto line = cropped(page, box.left, box.top, box.width, box.height);
      KnownLine known{box, resized(line, kLookWidth, kLookHeight).rgb, {}};
      if (const auto* same = known_line(before, box, known.look)) {
        known.read = same->read;
      } else if (columns < kMostColumns) {
        columns += OcrReader::columns(box.width, box.height);
        ZY_TRY(known.read, reader_->read(line));
      }
      const bool says_something = known.read.confidence >= kLeastConfidence && known.read.text.size() >= kShortest;
      if (says_something) lines.push_back({page.time_s, known.read.text, known.read.confidence});
      now.push_back(std::move(known));
    }
    before = std::move(now);
  }
  if (columns >= kMostColumns)
    found.warnings.emplace_back("words on the screen: there are more than are read of one file");
  for (auto& passage : screen_passages(pages, std::string(kName))) found.passages.push_back(std::move(passage));
  return {};
}

}  // namespace zhiyin
