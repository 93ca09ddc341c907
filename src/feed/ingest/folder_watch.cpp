#include "feed/ingest/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kChanges =
    IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_ONLYDIR;
constexpr double kLookAtStop_s = 0.1;

void rest(double seconds, const std::stop_token& stop) {
  const Stopwatch watch;
  while (!stop.stop_requested() && watch.seconds() < seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(seconds, kLookAtStop_s)));
  }
}

// File systems whose changes may be made by somebody that this kernel does not see.
bool reports_changes(const fs::path& folder) {
  constexpr std::array<std::uint32_t, 6> kDeaf = {0x6969 /*nfs*/,      0x517b /*smb*/,      0xff534d42 /*cifs*/,
                                                  0xfe534d42 /*smb2*/, 0x65735546 /*fuse*/, 0x01021997 /*9p*/};
  struct statfs info {};
  if (::statfs(folder.c_str(), &info) != 0) return false;
  return std::ranges::find(kDeaf, static_cast<std::uint32_t>(info.f_type)) == kDeaf.end();
}

}  // namespace

struct FolderWatch::Inotify {
  int descriptor = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  std::vector<fs::path> roots;
  bool complete = true;

  ~Inotify() {
    if (descriptor >= 0) ::close(descriptor);
  }

  // Watching a folder twice is one watch, so this may be done again whenever something changed.
  void watch_all() {
    complete = descriptor >= 0;
    for (const auto& root : roots) {
      if (!complete || !reports_changes(root)) {
        complete = false;
        return;
      }
      watch(root);
      std::error_code failed;
      const auto options = fs::directory_options::skip_permission_denied;
      for (fs::recursive_directory_iterator at(root, options, failed), end; !failed && at != end;
           at.increment(failed)) {
        std::error_code ignored;
        if (at->is_directory(ignored) && !at->is_symlink(ignored)) watch(at->path());
      }
    }
  }

  void watch(const fs::path& folder) {
    if (::inotify_add_watch(descriptor, folder.c_str(), kChanges) >= 0 || errno == ENOENT || errno == ENOTDIR) return;
    if (complete)
      log_warning("{}: cannot be watched ({}): it is looked at from time to time instead", folder.string(),
                  std::strerror(errno));
    complete = false;
  }

  // Whether there was anything to read.
  [[nodiscard]] bool drain() const {
    std::array<char, 1 << 14> buffer;
    bool any = false;
    while (::read(descriptor, buffer.data(), buffer.size()) > 0) any = true;
    return any;
  }
};

FolderWatch::FolderWatch(std::span<const fs::path> folders, double settle_s, double poll_s)
    : inotify_(std::make_unique<Inotify>()), settle_s_(settle_s), poll_s_(poll_s) {
  inotify_->roots.assign(folders.begin(), folders.end());
  inotify_->watch_all();
}

FolderWatch::~FolderWatch() = default;

bool FolderWatch::notified() const { return inotify_->complete; }

void FolderWatch::wait(double at_most_s, const std::stop_token& stop) {
  if (!notified()) return rest(std::min(at_most_s, poll_s_), stop);
  const Stopwatch watch;
  while (!stop.stop_requested() && watch.seconds() < at_most_s) {
    const double left_s = std::min(at_most_s - watch.seconds(), kLookAtStop_s);
    pollfd waiting{inotify_->descriptor, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left_s * 1000) + 1) <= 0 || !inotify_->drain()) continue;
    rest(settle_s_, stop);
    (void)inotify_->drain();
    inotify_->watch_all();
    return;
  }
}

}  // namespace zhiyin
