#include "understand/media/pages.h"

#include <algorithm>
#include <cstdlib>

namespace zhiyin {
namespace {

constexpr int kStrongStep = 28;    // of luma, over two pixels: what print has even when scaled down and compressed
constexpr int kAlternations = 10;  // of such steps in a patch of 8 rows
constexpr int kFewestPatches = 4;  // of print in a page: a word
constexpr int kNewWords = 10;      // mean change of luma, over the patches of print, of a page that is another

std::vector<std::uint8_t> luma_of(const Frame& frame) {
  std::vector<std::uint8_t> luma(frame.rgb.size() / 3);
  for (std::size_t p = 0; p < luma.size(); ++p) {
    luma[p] = static_cast<std::uint8_t>(
        (77 * frame.rgb[3 * p] + 150 * frame.rgb[3 * p + 1] + 29 * frame.rgb[3 * p + 2]) >> 8);
  }
  return luma;
}

// How often strong steps along the rows of a patch change their direction.
int alternations(const std::vector<std::uint8_t>& luma, int width, int left, int top) {
  int found = 0;
  for (int y = top; y < top + PrintMap::kPatchHeight; ++y) {
    const auto* row =
        &luma[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(left)];
    int direction = 0;
    for (int x = 0; x + 2 < PrintMap::kPatchWidth; ++x) {
      const int step = row[x + 2] - row[x];
      if (std::abs(step) < kStrongStep) continue;
      const int now = step > 0 ? 1 : -1;
      if (direction != 0 && now != direction) ++found;
      direction = now;
    }
  }
  return found;
}

PrintMap map_of(const std::vector<std::uint8_t>& luma, int width, int height) {
  PrintMap map{
      .columns = width / PrintMap::kPatchWidth, .rows = height / PrintMap::kPatchHeight, .patches = {}, .count = 0};
  const auto columns = static_cast<std::size_t>(map.columns);
  std::vector<std::uint8_t> dense(columns * static_cast<std::size_t>(map.rows));
  for (std::size_t i = 0; i < dense.size(); ++i) {
    const int left = static_cast<int>(i % columns) * PrintMap::kPatchWidth;
    const int top = static_cast<int>(i / columns) * PrintMap::kPatchHeight;
    dense[i] = alternations(luma, width, left, top) >= kAlternations ? 1 : 0;
  }
  map.patches.resize(dense.size());
  for (std::size_t i = 0; i < dense.size(); ++i) {
    const bool left = i % columns > 0 && dense[i - 1] != 0;
    const bool right = i % columns + 1 < columns && dense[i + 1] != 0;
    map.patches[i] = dense[i] != 0 && (left || right) ? 1 : 0;
    map.count += map.patches[i];
  }
  return map;
}

// Mean change of luma over the patches that are print in `map`.
int change_of_print(const PrintMap& map, const std::vector<std::uint8_t>& now, const std::vector<std::uint8_t>& before,
                    int width) {
  std::int64_t sum = 0;
  std::int64_t pixels = 0;
  for (std::size_t i = 0; i < map.patches.size(); ++i) {
    if (map.patches[i] == 0) continue;
    const auto columns = static_cast<std::size_t>(map.columns);
    for (std::size_t y = 0; y < PrintMap::kPatchHeight; ++y) {
      const auto at = (i / columns * PrintMap::kPatchHeight + y) * static_cast<std::size_t>(width) +
                      i % columns * PrintMap::kPatchWidth;
      for (std::size_t x = 0; x < PrintMap::kPatchWidth; ++x) sum += std::abs(int{now[at + x]} - int{before[at + x]});
      pixels += PrintMap::kPatchWidth;
    }
  }
  return pixels > 0 ? static_cast<int>(sum / pixels) : 0;
}

}  // namespace

PrintMap print_map(const Frame& frame) { return map_of(luma_of(frame), frame.width, frame.height); }

bool PageChooser::wants(const Frame& small) {
  if (most_ == 0) return false;
  auto luma = luma_of(small);
  const auto map = map_of(luma, small.width, small.height);
  if (map.count < kFewestPatches) return false;
  const bool comparable = last_luma_.size() == luma.size();
  if (comparable && change_of_print(map, luma, last_luma_, small.width) < kNewWords) return false;
  last_luma_ = std::move(luma);
  print_ = map.count;
  return true;
}

void PageChooser::take(Frame large) {
  pages_.push_back({std::move(large), print_});
  if (pages_.size() < 4 * most_) return;
  // Too many: of each two neighbours the one with more print stays, so that the pages stay spread over the file.
  std::size_t kept = 0;
  for (std::size_t i = 0; i + 1 < pages_.size(); i += 2) {
    auto& better = pages_[i].print >= pages_[i + 1].print ? pages_[i] : pages_[i + 1];
    std::swap(pages_[kept++], better);
  }
  pages_.resize(kept, Page{});
}

std::vector<Frame> PageChooser::finish() {
  std::ranges::stable_sort(pages_, std::greater(), &Page::print);
  if (pages_.size() > most_) pages_.resize(most_, Page{});
  std::ranges::sort(pages_, {}, [](const Page& page) { return page.frame.time_s; });
  std::vector<Frame> frames;
  for (auto& page : pages_) frames.push_back(std::move(page.frame));
  pages_.clear();
  last_luma_.clear();
  return frames;
}

}  // namespace zhiyin
