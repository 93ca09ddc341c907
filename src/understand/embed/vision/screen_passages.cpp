#include "understand/embed/vision/screen_passages.h"

#include <algorithm>

#include "base/text.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMissedPages = 1;

bool same_line(const std::string& a, const std::string& b) {
  const auto longer = std::max(a.size(), b.size());
  const auto shorter = std::min(a.size(), b.size());
  if (5 * (longer - shorter) > longer) return false;
  return a == b || 5 * edit_distance(a, b) <= longer;
}

struct Open {
  Passage passage;
  std::size_t last_page;
};

}  // namespace

std::vector<Passage> screen_passages(const std::vector<std::vector<ReadLine>>& pages, const std::string& encoder) {
  std::vector<Open> all;
  for (std::size_t page = 0; page < pages.size(); ++page) {
    const auto known = all.size();  // two like lines of one page stay two
    for (const auto& line : pages[page]) {
      const auto end = all.begin() + static_cast<std::ptrdiff_t>(known);
      const auto found = std::find_if(all.begin(), end, [&](const Open& open) {
        return open.last_page < page && page - open.last_page <= 1 + kMissedPages &&
               same_line(open.passage.text, line.text);
      });
      if (found == end) {
        all.push_back({{.kind = "screen",
                        .start_s = line.time_s,
                        .end_s = line.time_s,
                        .text = line.text,
                        .confidence = line.confidence,
                        .encoder = encoder},
                       page});
        continue;
      }
      found->last_page = page;
      found->passage.end_s = line.time_s;
      if (line.confidence > found->passage.confidence) {
        found->passage.text = line.text;
        found->passage.confidence = line.confidence;
      }
    }
  }
  std::vector<Passage> passages;
  for (auto& open : all) passages.push_back(std::move(open.passage));
  return passages;
}

}  // namespace zhiyin
