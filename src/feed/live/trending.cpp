#include "feed/live/trending.h"

#include <algorithm>
#include <cmath>

namespace zhiyin {
namespace {

constexpr double kDay = 86'400;
constexpr double kWeek = 7 * kDay;
constexpr double kQuiet = 1e-3;  // of one event: not worth naming

}  // namespace

Trending::Faded Trending::Faded::at(UnixSeconds later) const {
  const auto age = static_cast<double>(later - time);
  return {day * std::exp2(-age / kDay), week * std::exp2(-age / kWeek), later};
}

void Trending::add(const ItemId& item, double weight, UnixSeconds time) {
  if (!(weight > 0)) return;
  const std::scoped_lock lock(mutex_);
  newest_ = std::max(newest_, time);
  auto& faded = items_[item];
  // A late event counts as if it had come in time.
  const auto late = Faded{weight, weight, time}.at(std::max(faded.time, time));
  faded = faded.at(late.time);
  faded.day += late.day;
  faded.week += late.week;
  if (items_.size() > options_.most_items) forget_the_quietest();
}

// A tenth at a time, so that it costs little an event.
void Trending::forget_the_quietest() {
  std::vector<std::pair<double, const ItemId*>> all;
  for (const auto& [item, faded] : items_) all.emplace_back(faded.at(newest_).week, &item);
  const auto gone = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, all.size() / 10));
  std::ranges::nth_element(all, all.begin() + gone, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : *a.second < *b.second;
  });
  std::vector<ItemId> ids;
  for (auto one = all.begin(); one != all.begin() + gone; ++one) ids.push_back(*one->second);
  for (const auto& id : ids) items_.erase(id);
}

std::vector<Trend> Trending::top(Window window, UnixSeconds now, std::size_t count) const {
  std::vector<Trend> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [item, faded] : items_) {
      const auto at = faded.at(now);
      const double score = window == Window::kDay    ? at.day
                           : window == Window::kWeek ? at.week
                                                     : at.day - at.week * kDay / kWeek;
      if (score > kQuiet) all.push_back({item, score});
    }
  }
  const auto kept = static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::ranges::partial_sort(all, all.begin() + kept, [](const Trend& a, const Trend& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  });
  all.resize(static_cast<std::size_t>(kept));
  return all;
}

std::size_t Trending::size() const {
  const std::scoped_lock lock(mutex_);
  return items_.size();
}

}  // namespace zhiyin
