#include "base/rfc3339.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace zhiyin {
namespace {

constexpr UnixSeconds kDay = 86'400;
constexpr UnixSeconds kFirst = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr UnixSeconds kLast = 253'402'300'799;   // 9999-12-31T23:59:59Z

// Takes text apart from the left.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : left_(text) {}

  [[nodiscard]] bool at_end() const { return left_.empty(); }

  bool take(char wanted) {
    if (!left_.starts_with(wanted)) return false;
    left_.remove_prefix(1);
    return true;
  }

  // Exactly so many digits, from low to high.
  bool number(std::size_t digits, int low, int high, int& value) {
    if (left_.size() < digits) return false;
    const auto* end = left_.data() + digits;
    if (!std::all_of(left_.data(), end, [](char c) { return c >= '0' && c <= '9'; })) return false;
    std::from_chars(left_.data(), end, value);
    left_.remove_prefix(digits);
    return value >= low && value <= high;
  }

  bool fraction() {
    const auto digits = std::min(left_.find_first_not_of("0123456789"), left_.size());
    left_.remove_prefix(digits);
    return digits > 0;
  }

 private:
  std::string_view left_;
};

bool read_time(Cursor& cursor, UnixSeconds& seconds) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!cursor.number(2, 0, 23, hour) || !cursor.take(':') || !cursor.number(2, 0, 59, minute)) return false;
  if (cursor.take(':') && !cursor.number(2, 0, 60, second)) return false;
  if (cursor.take('.') && !cursor.fraction()) return false;
  seconds += hour * 3600 + minute * 60 + second;
  return true;
}

bool read_zone(Cursor& cursor, UnixSeconds& seconds) {
  cursor.take(' ');
  if (cursor.at_end() || cursor.take('Z') || cursor.take('z')) return cursor.at_end();
  const int sign = cursor.take('+') ? -1 : cursor.take('-') ? 1 : 0;
  int hour = 0;
  int minute = 0;
  if (sign == 0 || !cursor.number(2, 0, 23, hour)) return false;
  cursor.take(':');
  if (!cursor.number(2, 0, 59, minute)) return false;
  seconds += sign * (hour * 3600 + minute * 60);
  return cursor.at_end();
}

bool read_all(std::string_view text, UnixSeconds& seconds) {
  Cursor cursor(text);
  int year = 0;
  int month = 0;
  int day = 0;
  if (!cursor.number(4, 1, 9999, year) || !cursor.take('-') || !cursor.number(2, 1, 12, month) || !cursor.take('-') ||
      !cursor.number(2, 1, 31, day)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  seconds = std::chrono::sys_days(date).time_since_epoch().count() * kDay;
  if (cursor.at_end()) return true;
  if (!cursor.take('T') && !cursor.take('t') && !cursor.take(' ')) return false;
  return read_time(cursor, seconds) && read_zone(cursor, seconds);
}

}  // namespace

std::string to_rfc3339(UnixSeconds time) {
  const std::chrono::sys_seconds point{std::chrono::seconds(std::clamp(time, kFirst, kLast))};
  const auto days = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(point - days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

Result<UnixSeconds> from_rfc3339(std::string_view text) {
  UnixSeconds seconds = 0;
  if (read_all(text, seconds)) return seconds;
  return invalid(fmt::format("\"{}\" is no date: write 2022-08-07T00:26:46Z", text.substr(0, 64)));
}

}  // namespace zhiyin
