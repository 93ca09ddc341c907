// Tells when something below some folders may have changed. It is only told that, not what: the reader looks again, so
// that a lost or doubled notification costs a look and never a file.
//
// inotify where the kernel gives it; on file systems that do not report what other machines do (NFS, SMB, FUSE), or
// where the kernel's limit of watches is reached, looking again every `poll_s`.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>

namespace zhiyin {

class FolderWatch {
 public:
  // Confined to one thread. Folders that appear below later are watched too, from the next wait() on. A burst of
  // changes is one: wait() returns `settle_s` after the first of them.
  explicit FolderWatch(std::span<const std::filesystem::path> folders, double settle_s = 0.2, double poll_s = 30);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Returns when something may have changed, after `at_most_s`, or when `stop` is requested (within a tenth of a
  // second).
  void wait(double at_most_s, const std::stop_token& stop);

  // Whether every folder is watched; else wait() returns every poll_s.
  [[nodiscard]] bool notified() const;

 private:
  struct Inotify;
  std::unique_ptr<Inotify> inotify_;
  double settle_s_;
  double poll_s_;
};

}  // namespace zhiyin
