#include "feed/recommend/lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace zhiyin {
namespace {

using Scores = std::unordered_map<ItemId, double>;

// What the likes of a window come to, each weighed by its age. The one place that knows how they are found: in every
// user's recent past, so it costs as much as there is of that.
Scores likes_since(const Live& live, UnixSeconds since, const std::function<double(UnixSeconds)>& weight) {
  Scores scores;
  for (const auto& [id, user] : live.everybody()) {
    for (auto touched = user->touched.rbegin(); touched != user->touched.rend() && touched->time >= since; ++touched) {
      if (touched->preference > 0) scores[touched->item] += weight(touched->time);
    }
  }
  return scores;
}

Scores likes_of_all_time(const Live& live) {
  Scores scores;
  live.each_item([&](const ItemId& id, const ItemActivity& activity) {
    if (activity.likes > 0) scores.emplace(id, static_cast<double>(activity.likes));
  });
  return scores;
}

Scores liked(const Live& live, const ListRequest& request, UnixSeconds now) {
  if (request.lately) {
    Scores scores;
    for (const auto& trend : live.trending().top(*request.lately, now, live.trending().size()))
      scores.emplace(trend.item, trend.score);
    return scores;
  }
  if (request.ranking == Ranking::kPopular && !request.window) return likes_of_all_time(live);
  const auto window = request.window.value_or(kTrendingWindow);
  if (request.ranking == Ranking::kPopular) return likes_since(live, now - window, [](UnixSeconds) { return 1.0; });
  const double half_life = static_cast<double>(std::max<UnixSeconds>(window, 4)) / 4;
  return likes_since(live, now - window, [&](UnixSeconds time) {
    return std::exp2(-static_cast<double>(std::max<UnixSeconds>(now - time, 0)) / half_life);
  });
}

Bitmap allowed_rows(const View& view, const Live& live, const ListRequest& request) {
  auto allowed = view.shown();
  restrict(view, request.filter, allowed);
  const auto leave_out = [&](const ItemId& id) {
    if (const auto item = view.find(id)) allowed.clear(*item);
  };
  for (const auto& id : request.exclude) leave_out(id);
  const auto user = request.unseen_by ? live.user(*request.unseen_by) : nullptr;
  if (user != nullptr) {
    for (const auto& touched : user->touched) leave_out(touched.item);
  }
  return allowed;
}

}  // namespace

std::vector<Listed> list_items(const View& view, const Live& live, const ListRequest& request, UnixSeconds now) {
  const auto allowed = allowed_rows(view, live, request);
  std::vector<Listed> list;
  if (request.ranking == Ranking::kLatest) {
    for (ItemIndex item = 0; item < allowed.size(); ++item) {
      const auto time = view.item(item).time;
      const bool in_window = !request.window || (time && *time >= now - *request.window);
      if (allowed[item] && in_window) list.push_back({item, static_cast<double>(time.value_or(0))});
    }
  } else {
    for (const auto& [id, score] : liked(live, request, now)) {
      if (const auto item = view.find(id); item && allowed[*item]) list.push_back({*item, score});
    }
  }
  const auto has_place = [&](const Listed& one) {
    return request.ranking != Ranking::kLatest || view.item(one.item).time.has_value();
  };
  std::ranges::sort(list, [&](const Listed& a, const Listed& b) {
    if (has_place(a) != has_place(b)) return has_place(a);
    return a.score != b.score ? a.score > b.score : a.item > b.item;
  });
  return list;
}

Result<UnixSeconds> parse_duration(std::string_view text, std::string_view field) {
  const auto wrong = [&] {
    return invalid(fmt::format("{} is \"{}\": write it like 30m, 24h or 7d", field, text.substr(0, 64)),
                   std::string(field));
  };
  constexpr double kMost = 100 * 365.0 * 86'400;
  double seconds = 0;
  auto left = text;
  if (left.empty()) return wrong();
  while (!left.empty()) {
    double amount = 0;
    const auto [end, failed] =
        std::from_chars(left.data(), left.data() + left.size(), amount, std::chars_format::fixed);
    if (failed != std::errc{} || !(amount >= 0)) return wrong();
    left.remove_prefix(static_cast<std::size_t>(end - left.data()));
    const auto unit = left.substr(0, std::min(left.find_first_of("0123456789."), left.size()));
    left.remove_prefix(unit.size());
    if (unit == "ms")
      seconds += amount / 1000;
    else if (unit == "s" || (unit.empty() && seconds == 0 && left.empty()))
      seconds += amount;
    else if (unit == "m")
      seconds += amount * 60;
    else if (unit == "h")
      seconds += amount * 3600;
    else if (unit == "d")
      seconds += amount * 86'400;
    else if (unit == "w")
      seconds += amount * 7 * 86'400;
    else
      return wrong();
    if (!(seconds <= kMost)) return wrong();
  }
  return static_cast<UnixSeconds>(seconds);
}

}  // namespace zhiyin
