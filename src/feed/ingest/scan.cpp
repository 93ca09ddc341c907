#include "feed/ingest/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/threads.h"
#include "feed/ingest/media_files.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadBatch = 256;

// What the catalogue knew when the scan began.
struct Catalogue {
  std::unordered_map<std::string, ScannedFile> files;   // by path
  std::unordered_map<std::string, FileReport> refused;  // by path
  std::unordered_map<std::string, ItemId> by_url;       // items that name their file
  std::unordered_set<ItemId> unseen;                    // by some sense of today
  std::vector<ItemId> unread;                           // by some text encoder of today
};

Result<Catalogue> read_catalogue(const Store& store, const Ingest& ingest) {
  Catalogue known;
  ZY_CHECK_OK(store.each_file([&](ScannedFile&& file) {
    auto path = file.path;
    known.files.emplace(std::move(path), std::move(file));
  }));
  ZY_TRY(auto reports, store.reports());
  for (auto& report : reports) {
    auto path = report.path;
    known.refused.emplace(std::move(path), std::move(report));
  }
  ZY_CHECK_OK(store.each_item([&](Item&& item) {
    if (!item.url.empty()) known.by_url.emplace(std::move(item.url), std::move(item.id));
  }));
  ZY_CHECK_OK(store.each_understood([&](const ItemId& id, const EncoderVersions& by) {
    if (ingest.senses_outdated(by)) known.unseen.insert(id);
    if (ingest.words_outdated(by)) known.unread.push_back(id);
  }));
  return known;
}

enum class Look { kWork, kUnchanged, kRefused };

// What one stat() says of a file.
Look look(const MediaFile& file, const Catalogue& known, const std::string& decoder) {
  const auto path = file.path.string();
  if (const auto report = known.refused.find(path); report != known.refused.end()) {
    const auto& then = report->second;
    if (then.size == file.size && then.modified_ns == file.modified_ns && then.tried_with == decoder)
      return Look::kRefused;
    return Look::kWork;
  }
  const auto seen = known.files.find(path);
  if (seen == known.files.end() || seen->second.size != file.size || seen->second.modified_ns != file.modified_ns)
    return Look::kWork;
  if (file.item && seen->second.item != *file.item) return Look::kWork;
  return known.unseen.contains(seen->second.item) ? Look::kWork : Look::kUnchanged;
}

class Costs {
 public:
  void add(const FileResult& result) {
    decode_s_ += result.decode_s;
    for (const auto& run : result.runs) {
      auto& cost = by_encoder_[run.encoder];
      cost.encoder = run.encoder;
      ++cost.files;
      cost.problems += run.problem.empty() ? 0 : 1;
      cost.cpu_s += run.cpu_s;
    }
  }
  void write_to(ScanReport& report) const {
    report.decode_s = decode_s_;
    for (const auto& [encoder, cost] : by_encoder_) report.costs.push_back(cost);
    std::ranges::stable_sort(report.costs, std::greater{}, &EncoderCost::cpu_s);
  }

 private:
  std::map<std::string, EncoderCost> by_encoder_;
  double decode_s_ = 0;
};

// Works the queue off, several files at a time. The first error of the store ends it.
Result<void> take_in(std::span<const MediaFile> queue, Ingest& ingest, const ScanOptions& options, ScanReport& report) {
  Progress progress("scan", static_cast<std::int64_t>(queue.size()));
  std::array<std::int64_t, kFileOutcomes> outcomes{};
  Costs costs;
  std::mutex mutex;  // guards outcomes, costs and failure
  std::optional<Error> failure;
  parallel_for(queue.size(), 1, options.threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto i = begin; i < end; ++i) {
      {
        const std::scoped_lock lock(mutex);
        if (failure) return;
      }
      auto result = ingest.file(queue[i], options.stop);
      {
        const std::scoped_lock lock(mutex);
        if (result.ok()) {
          ++outcomes[static_cast<std::size_t>(result->outcome)];
          costs.add(*result);
        } else if (!failure) {
          failure = std::move(result).error().in(queue[i].path.string());
        }
      }
      progress.advance(1);
    }
  });
  if (failure) return *failure;
  if (!options.stop.stop_requested()) progress.finish();
  const auto count = [&](FileOutcome outcome) { return outcomes[static_cast<std::size_t>(outcome)]; };
  report.analysed += count(FileOutcome::kAnalysed);
  report.updated += count(FileOutcome::kUpdated);
  report.moved += count(FileOutcome::kMoved);
  report.unchanged += count(FileOutcome::kUnchanged);
  report.refused += count(FileOutcome::kRefused);
  report.left += count(FileOutcome::kStopped);
  costs.write_to(report);
  return {};
}

bool is_below(const std::string& path, const fs::path& folder) {
  const auto prefix = folder.string();
  return path.starts_with(prefix) &&
         (prefix.ends_with('/') || (path.size() > prefix.size() && path[prefix.size()] == '/'));
}

// Files and reports of the catalogue whose file is below a folder that was walked, and is there no more.
Result<void> forget_gone(std::span<const fs::path> paths, Store& store, ScanReport& report) {
  std::vector<fs::path> walked;
  for (const auto& given : paths) {
    std::error_code failed;
    const auto path = fs::canonical(given, failed);
    if (failed || !fs::is_directory(path, failed)) continue;
    if (fs::is_empty(path, failed) || failed) {
      log_warning("{}: is empty; if a disk is not mounted there, nothing is lost: its files are kept in the catalogue",
                  path.string());
      continue;
    }
    walked.push_back(path);
  }
  const auto is_gone = [&](const std::string& path) {
    std::error_code failed;
    return std::ranges::any_of(walked, [&](const auto& folder) { return is_below(path, folder); }) &&
           !fs::exists(path, failed) && !failed;
  };
  std::vector<std::string> gone;  // by the catalogue of now: files that moved are known at their new place
  ZY_CHECK_OK(store.each_file([&](ScannedFile&& file) {
    if (is_gone(file.path)) gone.push_back(std::move(file.path));
  }));
  for (const auto& path : gone) ZY_CHECK_OK(store.erase_file(path));
  ZY_TRY(const auto reports, store.reports());
  for (const auto& refused : reports) {
    if (is_gone(refused.path)) ZY_CHECK_OK(store.erase_report(refused.path));
  }
  report.gone = static_cast<std::int64_t>(gone.size());
  return {};
}

// Items that some text encoder of today has not read. Those whose file was just taken in have been.
Result<void> read_words(std::span<const ItemId> unread, Ingest& ingest, const Store& store, const ScanOptions& options,
                        ScanReport& report) {
  if (unread.empty()) return {};
  Progress progress("words", static_cast<std::int64_t>(unread.size()));
  std::vector<Item> batch;
  const auto encode = [&]() -> Result<void> {
    ZY_CHECK_OK(ingest.read_again(batch));
    report.read_again += static_cast<std::int64_t>(batch.size());
    batch.clear();
    return {};
  };
  for (const auto& id : unread) {
    if (options.stop.stop_requested()) return {};
    progress.advance(1);
    ZY_TRY(auto item, store.item(id));
    ZY_TRY(const auto understood_by, store.understood_by(id));
    if (!item || !ingest.words_outdated(understood_by)) continue;
    batch.push_back(std::move(*item));
    if (batch.size() == kReadBatch) ZY_CHECK_OK(encode());
  }
  if (!batch.empty()) ZY_CHECK_OK(encode());
  progress.finish();
  return {};
}

}  // namespace

Result<ScanReport> scan(std::span<const fs::path> paths, Ingest& ingest, Store& store, const ScanOptions& options) {
  const Stopwatch watch;
  ScanReport report;
  ZY_TRY(auto files, find_media_files(paths));
  ZY_TRY(const auto known, read_catalogue(store, ingest));
  const auto decoder = decoder_signature(ingest.options().decode);
  report.files = static_cast<std::int64_t>(files.size());
  std::vector<MediaFile> queue;
  for (auto& file : files) {
    for (const auto& url : {file.path.string(), file.path.lexically_relative(file.root).string()}) {
      if (const auto found = known.by_url.find(url); found != known.by_url.end()) file.item = found->second;
    }
    const auto seen = look(file, known, decoder);
    if (seen == Look::kUnchanged) {
      ++report.unchanged;
    } else if (seen == Look::kRefused) {
      ++report.refused;
    } else if (options.ready && !options.ready(file)) {
      ++report.left;
    } else {
      queue.push_back(std::move(file));
    }
  }
  ZY_CHECK_OK(take_in(queue, ingest, options, report));
  if (!options.stop.stop_requested()) {
    ZY_CHECK_OK(forget_gone(paths, store, report));
    ZY_CHECK_OK(read_words(known.unread, ingest, store, options, report));
  }
  report.stopped = options.stop.stop_requested();
  report.seconds = watch.seconds();
  return report;
}

std::vector<fs::path> folders_of(std::span<const fs::path> paths) {
  std::vector<fs::path> folders;
  for (const auto& given : paths) {
    std::error_code failed;
    const auto path = fs::canonical(given, failed);
    if (failed) continue;
    folders.push_back(fs::is_directory(path, failed) ? path : path.parent_path());
  }
  std::ranges::sort(folders);
  const auto repeated = std::ranges::unique(folders);
  folders.erase(repeated.begin(), repeated.end());
  return folders;
}

}  // namespace zhiyin
