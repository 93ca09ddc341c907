// Logging: stories on stderr, one line an event of the program's life. Numbers belong in base/counters.h.
// Thread-safe. Messages are formatted with fmt: log_info("scanned {} files", n).
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "base/json.h"

namespace zhiyin {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// kText for people: "2026-11-24T20:00:00.000 info message key=value". kJson for programs, one object a line:
// {"time":"2026-11-24T20:00:00.000Z","level":"info","message":"...","key":"value"}.
enum class LogFormat { kText, kJson };

void set_log_level(LogLevel level);
void set_log_format(LogFormat format);
bool log_enabled(LogLevel level);
void log_line(LogLevel level, std::string_view line);

// A line with fields of its own: the members of an object.
void log_fields(LogLevel level, std::string_view message, const Json& fields);
// As it is written, without the line's end.
std::string log_text(LogFormat format, std::string_view message, const Json& fields);

template <typename... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) log_line(level, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kDebug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kInfo, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kWarning, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kError, format, std::forward<Args>(args)...);
}

}  // namespace zhiyin
