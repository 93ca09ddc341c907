// What events say of an item, as the owner of a home sees it: section [events] of its zhiyin.toml.
//
//   preference = weight of the event's type x how much of it was done
//
// "how much" is, of a view, the curve at the share that was watched; of a rating (stars - 3) / 2, and 0 from 2.5 to 3.5;
// of everything else 1. > 0 speaks for the item, < 0 against it, 0 says nothing. docs/events.md has the table.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "domain/event.h"

namespace zhiyin {

// Points (x, y) with straight lines between them; level before the first and after the last. Of two points with one x
// the later holds there: a step.
class Curve {
 public:
  struct Point {
    double x;
    double y;
    bool operator==(const Point&) const = default;
  };

  Curve() = default;
  Curve(std::initializer_list<Point> points) : points_(points) {}

  // "0:0 0.1:0 0.1:0.1 1:1": x ascending from 0 to 1, y from -1 to 1, at least one point.
  static Result<Curve> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  [[nodiscard]] double at(double x) const;
  bool operator==(const Curve&) const = default;

 private:
  std::vector<Point> points_;
};

struct EventMeaning {
  EventMeaning();  // the weights of docs/events.md

  std::array<double, kEventTypeNames.size()> weight;  // by type
  // A view of less than a tenth is a look in passing; then the share that was watched. One whose share was not measured
  // counts as whole.
  Curve view = {{0, 0}, {0.1, 0}, {0.1, 0.1}, {1, 1}};
  double ttl_days = 0;  // how long an opinion counts, by the time of the newest event; 0: for ever

  [[nodiscard]] double preference(const Event& event) const;

  // Whether what was done at `time` no longer counts when the newest event of the log is of `newest`. By events and not
  // by a clock, so that a replay tells the same and a clock that jumps forgets nothing.
  [[nodiscard]] bool is_expired(UnixSeconds time, UnixSeconds newest) const;
};

}  // namespace zhiyin
