#include "feed/ingest/scan.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/threads.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 30> kExtensions = {
    ".mp4", ".mkv", ".webm", ".mov", ".avi", ".m4v", ".mpg", ".mpeg", ".ogv", ".flv",  ".wmv", ".ts",  ".3gp", ".mts", ".mp3",
    ".ogg", ".oga", ".opus", ".flac", ".wav", ".m4a", ".aac", ".wma",  ".aif", ".aiff", ".mka", ".ape", ".wv",  ".ac3", ".mp2"};

bool is_media(const fs::path& path) {
  auto extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::ranges::find(kExtensions, extension) != kExtensions.end();
}

std::optional<MediaFile> look_at(const fs::path& path, const fs::path& root) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return MediaFile{path, root, info.st_size, info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec, {}};
}

Result<std::vector<MediaFile>> find_files(std::span<const fs::path> paths) {
  std::vector<MediaFile> files;
  for (const auto& given : paths) {
    std::error_code failed;
    const auto path = fs::canonical(given, failed);
    if (failed) return not_found(fmt::format("{}: {}", given.string(), failed.message()));
    if (!fs::is_directory(path)) {
      auto file = look_at(path, path.parent_path());
      if (!file) return invalid(fmt::format("{}: neither a folder nor a file", given.string()));
      files.push_back(std::move(*file));
      continue;
    }
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(path, options, failed), end; at != end; at.increment(failed)) {
      if (failed) {
        log_warning("{}: {}; the rest of it is left out", path.string(), failed.message());
        break;
      }
      if (!is_media(at->path())) continue;
      if (auto file = look_at(at->path(), path)) files.push_back(std::move(*file));
    }
  }
  std::ranges::sort(files, {}, &MediaFile::path);
  const auto repeated = std::ranges::unique(files, {}, &MediaFile::path);
  files.erase(repeated.begin(), repeated.end());
  return files;
}

// Items that name their file in `url`, by that url.
Result<std::unordered_map<std::string, ItemId>> items_by_url(const Store& store) {
  std::unordered_map<std::string, ItemId> items;
  ZY_CHECK_OK(store.each_item([&](Item&& item) {
    if (!item.url.empty()) items.emplace(std::move(item.url), std::move(item.id));
  }));
  return items;
}

// Files that were refused and have not changed since: they are not tried again.
Result<std::unordered_map<std::string, FileReport>> refused_before(const Store& store) {
  std::unordered_map<std::string, FileReport> refused;
  ZY_TRY(auto reports, store.reports());
  for (auto& report : reports) refused.emplace(report.path, std::move(report));
  return refused;
}

}  // namespace

Result<ScanReport> scan(std::span<const fs::path> paths, Ingest& ingest, const Store& store, int threads) {
  const Stopwatch watch;
  ZY_TRY(auto files, find_files(paths));
  ZY_TRY(const auto by_url, items_by_url(store));
  ZY_TRY(const auto refused, refused_before(store));
  for (auto& file : files) {
    for (const auto& url : {file.path.string(), file.path.lexically_relative(file.root).string()}) {
      if (const auto found = by_url.find(url); found != by_url.end()) file.item = found->second;
    }
  }

  Progress progress("scan", static_cast<std::int64_t>(files.size()));
  std::array<std::atomic<std::int64_t>, 3> outcomes{};
  std::mutex mutex;
  std::optional<Error> failure;  // of the store, guarded by mutex: the scan cannot go on
  parallel_for(files.size(), 1, threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto i = begin; i < end; ++i) {
      {
        const std::scoped_lock lock(mutex);
        if (failure) return;
      }
      const auto known = refused.find(files[i].path.string());
      const bool still_refused = known != refused.end() && known->second.size == files[i].size && known->second.modified_ns == files[i].modified_ns;
      auto outcome = still_refused ? Result(FileOutcome::kRefused) : ingest.file(files[i]);
      if (outcome.ok()) {
        ++outcomes[static_cast<std::size_t>(*outcome)];
      } else {
        const std::scoped_lock lock(mutex);
        failure = std::move(outcome).error().in(files[i].path.string());
      }
      progress.advance(1);
    }
  });
  progress.finish();
  if (failure) return *failure;
  return ScanReport{static_cast<std::int64_t>(files.size()), outcomes[0], outcomes[1], outcomes[2], watch.seconds()};
}

}  // namespace zhiyin
