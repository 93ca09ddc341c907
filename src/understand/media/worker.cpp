// The parent's side: a fresh process for each file, given the open file and a pipe, watched, and killed by its id when
// it goes over its limits.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/clock.h"
#include "understand/media/media.h"
#include "understand/media/wire.h"
#include "understand/media/worker_protocol.h"

extern char** environ;  // NOLINT: POSIX's

namespace zhiyin {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }
  void reset(int descriptor) {
    close();
    descriptor_ = descriptor;
  }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

 private:
  int descriptor_;
};

// What the worker inherits must lie above the numbers it is moved to.
int moved_up(int descriptor) {
  const int moved = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
  ::close(descriptor);
  return moved;
}

Result<void> open_media(const std::filesystem::path& file, Descriptor& opened) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // NONBLOCK: a FIFO must not hang us
  if (descriptor < 0) {
    if (errno == ENOENT) return not_found("no such file");
    return invalid(fmt::format("the file cannot be opened: {}", std::strerror(errno)));
  }
  opened.reset(moved_up(descriptor));
  struct stat info {};
  if (::fstat(opened.get(), &info) != 0) return internal("the file cannot be examined");
  if (!S_ISREG(info.st_mode)) return invalid("not a regular file");
  if (info.st_size == 0) return invalid("file is empty");
  return {};
}

Result<pid_t> spawn(const std::filesystem::path& worker, const DecodeLimits& limits, int file, int pipe) {
  // /proc/self/exe would be the same thing in the child, but a name in the process list says more.
  std::string program = worker.string();
  std::error_code failed;
  if (const auto target = std::filesystem::read_symlink(worker, failed); !failed && worker == "/proc/self/exe") {
    if (std::filesystem::exists(target, failed)) program = target.string();
  }
  auto arguments = worker_arguments(limits);
  std::vector<char*> argv{program.data()};
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  // Numeric libraries start a thread per core when loaded; the worker multiplies nothing.
  std::array<std::string, 2> quiet{"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"};
  std::vector<char*> environment{quiet[0].data(), quiet[1].data()};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (!text.starts_with("OPENBLAS_NUM_THREADS=") && !text.starts_with("OMP_NUM_THREADS="))
      environment.push_back(*variable);
  }
  environment.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe, kAnswerDescriptor);
  posix_spawn_file_actions_adddup2(&actions, file, kFileDescriptor);
  posix_spawn_file_actions_addclosefrom_np(&actions, kFileDescriptor + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  // In a process group of its own: an interrupt from the terminal is for this process, which then ends the worker
  // itself.
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);

  pid_t child = -1;
  const int code = ::posix_spawn(&child, program.c_str(), &actions, &attributes, argv.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0)
    return internal(fmt::format("the media worker {} cannot be started: {}", program, std::strerror(code)));
  return child;
}

enum class Ending { kClosed, kLate, kTooMuch, kFailed, kStopped };

// Reads the pipe until the worker closes it, the time is up, or nobody wants to know any more.
Ending read_answer(int pipe, double wall_s, std::size_t most, const std::stop_token& stop, std::string& answer) {
  constexpr double kLookAtStop_ms = 100;
  const Stopwatch watch;
  std::vector<char> buffer(1U << 18U);
  for (;;) {
    const double left_s = wall_s - watch.seconds();
    if (stop.stop_requested()) return Ending::kStopped;
    if (left_s <= 0) return Ending::kLate;
    pollfd waiting{pipe, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min(left_s * 1000 + 1, kLookAtStop_ms)));
    if (ready < 0 && errno != EINTR) return Ending::kFailed;
    if (ready <= 0) continue;
    const auto count = ::read(pipe, buffer.data(), buffer.size());
    if (count == 0) return Ending::kClosed;
    if (count < 0) {
      if (errno == EINTR) continue;
      return Ending::kFailed;
    }
    answer.append(buffer.data(), static_cast<std::size_t>(count));
    if (answer.size() > most) return Ending::kTooMuch;
  }
}

// Waits for a worker that has closed its pipe; one that lingers is ended.
int reap(pid_t child, bool kill_first, double& cpu_s) {
  if (kill_first) ::kill(child, SIGKILL);
  int status = 0;
  constexpr int kPatience_ms = 2000;
  for (int waited_ms = 0;; waited_ms += 5) {
    rusage used{};
    const pid_t ended = ::wait4(child, &status, waited_ms < kPatience_ms ? WNOHANG : 0, &used);
    if (ended == child) {
      const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
      };
      cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
      return status;
    }
    if (ended < 0 && errno != EINTR) return status;
    if (waited_ms + 5 >= kPatience_ms) ::kill(child, SIGKILL);
    ::usleep(waited_ms < 50 ? 500 : 5000);
  }
}

Error failure(int status, const DecodeLimits& limits) {
  const double mebibytes = static_cast<double>(limits.memory_bytes) / (1U << 20U);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kExitOutOfMemory) {
    return invalid(fmt::format("needs more memory than the limit of {:.0f} MiB", mebibytes));
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
    return invalid(fmt::format("stopped after {:g} s of processor time", limits.cpu_s));
  }
  if (WIFSIGNALED(status)) {
    return invalid(fmt::format("decoding crashed ({}): the file is damaged or hostile", strsignal(WTERMSIG(status))));
  }
  return invalid(fmt::format("the media worker ended with code {} and no answer", WEXITSTATUS(status)));
}

}  // namespace

Result<Decoded> decode(const std::filesystem::path& file, const DecodeLimits& limits,
                       const std::filesystem::path& worker, const std::stop_token& stop) {
  Descriptor media;
  ZY_CHECK_OK(open_media(file, media));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return internal(fmt::format("no pipe for the media worker: {}", std::strerror(errno)));
  const Descriptor read_end(moved_up(ends[0]));
  Descriptor write_end(moved_up(ends[1]));
  ::fcntl(read_end.get(), F_SETPIPE_SZ, 1 << 20);

  ZY_TRY(const pid_t child, spawn(worker, limits, media.get(), write_end.get()));
  write_end.close();
  std::string answer;
  const auto ending = read_answer(read_end.get(), limits.wall_s, largest_wire(limits), stop, answer);
  double cpu_s = 0;
  const int status = reap(child, ending != Ending::kClosed, cpu_s);
  switch (ending) {
    case Ending::kLate: return invalid(fmt::format("stopped after {:g} s", limits.wall_s));
    case Ending::kTooMuch: return invalid("decoding gave more than the limits allow");
    case Ending::kFailed: return internal("the media worker's pipe broke");
    case Ending::kStopped: return Error{ErrorCode::kUnavailable, "stopped before it was decoded", {}};
    case Ending::kClosed: break;
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return failure(status, limits);
  auto decoded = from_wire(answer);
  if (decoded.ok()) decoded->cpu_s = cpu_s;
  return decoded;
}

}  // namespace zhiyin
