#include "domain/event_meaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace zhiyin {
namespace {

constexpr double kSecondsOfDay = 86'400;

double default_weight(EventType type) {
  switch (type) {
    case EventType::kImpression: return 0;
    case EventType::kClick: return 0.5;
    case EventType::kView: return 1;
    case EventType::kLike: return 1;
    case EventType::kFavourite: return 1.5;
    case EventType::kFollow: return 1;
    case EventType::kShare: return 1.5;
    case EventType::kRating: return 1;
    case EventType::kComment: return 0.5;
    case EventType::kSkip: return -0.5;
    case EventType::kDislike: return -1;
    case EventType::kPurchase: return 2;
    case EventType::kMerge: return 0;
    case EventType::kRetraction: return 0;
  }
  return 0;
}

Result<double> number_of(std::string_view text, double low, double high) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= low && value <= high))
    return invalid(fmt::format("\"{}\" is no number from {} to {}", text, low, high));
  return value;
}

double done(const Event& event, const Curve& view) {
  if (event.type == EventType::kView) return view.at(event.value.value_or(1));
  if (event.type == EventType::kRating) {
    const double stars = event.value.value_or(3);
    return stars > 3.5 || stars < 2.5 ? (stars - 3) / 2 : 0;
  }
  return 1;
}

}  // namespace

Result<Curve> Curve::parse(std::string_view text) {
  Curve curve;
  for (const auto part : split(text, ' ')) {
    if (part.empty()) continue;
    const auto colon = part.find(':');
    if (colon == std::string_view::npos)
      return invalid(fmt::format("\"{}\" is no point: write x:y, as in \"0:0 0.5:0.2 1:1\"", part));
    ZY_TRY(const double x, number_of(part.substr(0, colon), 0, 1));
    ZY_TRY(const double y, number_of(part.substr(colon + 1), -1, 1));
    if (!curve.points_.empty() && x < curve.points_.back().x)
      return invalid(fmt::format("{} stands after {}: points come in the order of x", x, curve.points_.back().x));
    curve.points_.push_back({x, y});
  }
  if (curve.points_.empty()) return invalid("a curve has at least one point, as in \"0:0 1:1\"");
  return curve;
}

std::string Curve::text() const {
  std::string text;
  for (const auto& point : points_) text += fmt::format("{}{}:{}", text.empty() ? "" : " ", point.x, point.y);
  return text;
}

double Curve::at(double x) const {
  const auto after = std::ranges::upper_bound(points_, x, {}, &Point::x);
  if (after == points_.begin()) return points_.empty() ? 0 : points_.front().y;
  const auto& before = *(after - 1);
  if (after == points_.end()) return before.y;
  return before.y + (after->y - before.y) * (x - before.x) / (after->x - before.x);
}

EventMeaning::EventMeaning() {
  for (std::size_t type = 0; type < weight.size(); ++type) weight[type] = default_weight(static_cast<EventType>(type));
}

double EventMeaning::preference(const Event& event) const {
  const double own = weight[static_cast<std::size_t>(event.type)];
  return own == 0 ? 0 : own * done(event, view);
}

bool EventMeaning::is_expired(UnixSeconds time, UnixSeconds newest) const {
  return ttl_days > 0 && static_cast<double>(newest - time) > ttl_days * kSecondsOfDay;
}

}  // namespace zhiyin
