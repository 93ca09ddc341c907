// The worker's side: takes its limits, decodes the one file it was given, answers, ends.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <new>
#include <string_view>

#include "understand/media/decoder.h"
#include "understand/media/libav_log.h"
#include "understand/media/media.h"
#include "understand/media/wire.h"
#include "understand/media/worker_protocol.h"

#if defined(__SANITIZE_ADDRESS__)
#define ZHIYIN_ADDRESS_SPACE_IS_FREE 0  // AddressSanitizer maps terabytes of shadow
#else
#define ZHIYIN_ADDRESS_SPACE_IS_FREE 1
#endif

namespace zhiyin {
namespace {

// How a libav call that could not allocate is told (container.cpp, sound.cpp, cover.cpp).
constexpr std::string_view kOutOfMemory = "out of memory";

template <typename T>
bool parse(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

void limit(decltype(RLIMIT_AS) what, std::uint64_t most, std::uint64_t hard) {
  const rlimit value{most, hard};
  ::setrlimit(what, &value);
}

// A decoder that is taken over can still only read its file and write its answer slowly: no new files, no privileges,
// and it does not outlive its parent.
void take_limits(const DecodeLimits& limits) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (ZHIYIN_ADDRESS_SPACE_IS_FREE) limit(RLIMIT_AS, limits.memory_bytes, limits.memory_bytes);
  const auto seconds = static_cast<std::uint64_t>(std::ceil(std::max(limits.cpu_s, 1.0)));
  limit(RLIMIT_CPU, seconds, seconds + 1);
  limit(RLIMIT_FSIZE, 0, 0);
  limit(RLIMIT_CORE, 0, 0);
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(kAnswerDescriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

std::vector<std::string> worker_arguments(const DecodeLimits& limits) {
  return {kWorkerVerb,
          fmt::format("{}", limits.wall_s),
          fmt::format("{}", limits.cpu_s),
          fmt::format("{}", limits.memory_bytes),
          fmt::format("{}", limits.pixels),
          fmt::format("{}", limits.key_frames),
          fmt::format("{}", limits.frame_width),
          fmt::format("{}", limits.pages),
          fmt::format("{}", limits.page_width),
          fmt::format("{}", limits.sound_s),
          limits.preview ? "1" : "0"};
}

Result<DecodeLimits> limits_from_arguments(std::span<const char* const> arguments) {
  DecodeLimits limits;
  const bool understood = arguments.size() == 11 && std::string_view(arguments[0]) == kWorkerVerb &&
                          parse(arguments[1], limits.wall_s) && parse(arguments[2], limits.cpu_s) &&
                          parse(arguments[3], limits.memory_bytes) && parse(arguments[4], limits.pixels) &&
                          parse(arguments[5], limits.key_frames) && parse(arguments[6], limits.frame_width) &&
                          parse(arguments[7], limits.pages) && parse(arguments[8], limits.page_width) &&
                          parse(arguments[9], limits.sound_s);
  if (understood) limits.preview = std::string_view(arguments[10]) != "0";
  if (!understood || limits.frame_width < 1 || limits.page_width < 1)
    return invalid("media-worker is started by zhiyin itself, not by hand");
  return limits;
}

int media_worker(int argc, char** argv) {
  const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
  const auto limits = limits_from_arguments(arguments.subspan(argc > 0 ? 1 : 0));
  if (!limits.ok()) return 2;
  take_limits(*limits);
  collect_libav_messages();
  try {
    const auto decoded = decode_descriptor(kFileDescriptor, *limits);
    if (!decoded.ok() && decoded.error().message.ends_with(kOutOfMemory)) return kExitOutOfMemory;
    return write_all(to_wire(decoded)) ? 0 : 1;
  } catch (const std::bad_alloc&) {
    return kExitOutOfMemory;
  }
}

}  // namespace zhiyin
