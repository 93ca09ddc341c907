#include "understand/media/libav_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <string_view>

#include "understand/media/libav_sdk.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMessages = 8;
std::mutex mutex;
std::vector<std::string> messages;  // under mutex

void keep(void* source, int level, const char* format, std::va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string_view line(text.data());
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
  if (line.empty()) return;
  const auto* description = source != nullptr ? *static_cast<AVClass**>(source) : nullptr;
  auto message =
      description != nullptr ? fmt::format("{}: {}", description->item_name(source), line) : std::string(line);
  const std::scoped_lock lock(mutex);
  if (messages.size() < kMessages && std::ranges::find(messages, message) == messages.end()) {
    messages.push_back(std::move(message));
  }
}

}  // namespace

void collect_libav_messages() { av_log_set_callback(&keep); }

std::vector<std::string> libav_messages() {
  const std::scoped_lock lock(mutex);
  return messages;
}

std::string last_libav_message() {
  const std::scoped_lock lock(mutex);
  return messages.empty() ? std::string() : messages.back();
}

}  // namespace zhiyin
