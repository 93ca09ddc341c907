// Lists that are the same for everybody: the latest, the most liked, what is being liked just now.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feed/live/live.h"
#include "feed/recommend/filter.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

enum class Ranking { kLatest, kPopular, kTrending };

struct ListRequest {
  Ranking ranking = Ranking::kPopular;
  Filter filter;
  std::optional<UnixSeconds> window;  // only what was published, or liked, so many seconds ago or later
  std::optional<Window> lately;       // of trending: by what is done with items, fading (feed/live/trending.h)
  std::vector<ItemId> exclude;
  std::optional<UserId> unseen_by;  // leaves out what this user has done anything with
};

struct Listed {
  ItemIndex item;
  double score;
};

inline constexpr UnixSeconds kTrendingWindow = 7 * 86'400;  // where none is asked for

// All of it, best first; equal ones the latest in the catalogue first. What may not be shown is left out before
// anything is counted off, so pages of one list do not overlap.
//   latest    score = when it was published; what has no time comes last, with 0
//   popular   score = how many people like it, or came to like it in the window; nobody: not listed
//   trending  the same, in a window always, a like counting half as much for each quarter of the window it is old;
//             with `lately` the score that live state keeps, which costs no walk through the users
std::vector<Listed> list_items(const View& view, const Live& live, const ListRequest& request, UnixSeconds now);

// "30m", "24h", "7d", "90" (seconds) or "1h30m": what a window, or a delay, is written as.
Result<UnixSeconds> parse_duration(std::string_view text, std::string_view field);

}  // namespace zhiyin
