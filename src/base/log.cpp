#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

namespace zhiyin {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v";
// What is the same in every line is the pattern's, the rest is an object without its opening brace.
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)";

std::atomic<LogFormat> g_format{LogFormat::kText};

spdlog::logger& logger() {
  static const auto instance = [] {
    auto created = spdlog::stderr_color_mt("zhiyin");
    created->set_pattern(kTextPattern);
    created->set_level(spdlog::level::info);
    return created;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void set_log_level(LogLevel level) { logger().set_level(to_spdlog(level)); }
bool log_enabled(LogLevel level) { return logger().should_log(to_spdlog(level)); }

void set_log_format(LogFormat format) {
  g_format = format;
  const bool json = format == LogFormat::kJson;
  logger().set_pattern(json ? kJsonPattern : kTextPattern,
                       json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local);
}

void log_line(LogLevel level, std::string_view line) {
  if (g_format == LogFormat::kText) return logger().log(to_spdlog(level), line);
  log_fields(level, line, {});
}

void log_fields(LogLevel level, std::string_view message, const Json& fields) {
  logger().log(to_spdlog(level), log_text(g_format, message, fields));
}

std::string log_text(LogFormat format, std::string_view message, const Json& fields) {
  if (format == LogFormat::kText) {
    std::string text(message);
    for (const auto& [name, value] : fields.members()) {
      const auto plain = value.is_string() && value.as_string().find_first_of(" \"\n\r\t=") == std::string_view::npos &&
                         !value.as_string().empty();
      text += fmt::format(" {}={}", name, plain ? std::string(value.as_string()) : value.dump());
    }
    return text;
  }
  // Words from outside may hold any bytes; a line of JSON holds UTF-8.
  auto object = Json::object({{"message", is_utf8(message) ? message : "(a message that is not UTF-8)"}});
  for (const auto& [name, value] : fields.members()) object.set(name, value);
  return object.dump().substr(1);
}

}  // namespace zhiyin
