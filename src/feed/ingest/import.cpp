#include "feed/ingest/import.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <unordered_set>

#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/text.h"

namespace zhiyin {
namespace {

constexpr std::size_t kItemBatch = 256;
constexpr std::size_t kEventBatch = 5'000;
constexpr auto kGap = std::chrono::milliseconds(3);  // between transactions, so that a running server gets its turn
constexpr std::size_t kShownBadRows = 10;
constexpr std::size_t kShownRepeats = 5;

struct Format {
  std::string_view name;
  Result<Imported> (*read)(const std::filesystem::path& path, UnixSeconds now);
};

template <Result<Imported> (*kRead)(const std::filesystem::path&)>
Result<Imported> without_now(const std::filesystem::path& path, UnixSeconds) {
  return kRead(path);
}

constexpr std::array kFormats = {
    Format{"movielens", without_now<read_movielens>},
    Format{"lastfm", without_now<read_lastfm>},
    Format{"csv", read_csv},
    Format{"jsonl", read_jsonl},
    Format{"pairs", without_now<read_pairs>},
    Format{"recbole", without_now<read_recbole>},
    Format{"kuairand", without_now<read_kuairand>},
    Format{"microlens", without_now<read_microlens>},
    Format{"gorse", read_gorse},
};

void warn_of_repeats(const std::vector<RepeatedItem>& repeated) {
  if (repeated.empty()) return;
  std::string message =
      fmt::format("{} row{} an item that an earlier row gave; the later row is kept:", repeated.size(),
                  repeated.size() == 1 ? " gives" : "s give");
  for (std::size_t i = 0; i < std::min(repeated.size(), kShownRepeats); ++i) {
    const auto& row = repeated[i];
    message += fmt::format("\n  {}:{}: \"{}\" stands in line {} too", row.file, row.line, row.id.value, row.first_line);
  }
  if (repeated.size() > kShownRepeats) message += fmt::format("\n  and {} more", repeated.size() - kShownRepeats);
  log_warning("{}", message);
}

// The same event gets the same id whenever it is imported.
void add_missing_ids(std::vector<Event>& events) {
  for (auto& event : events) {
    if (event.id.empty()) event.id = "i-" + sha256_hex(to_json(event).dump()).substr(0, 24);
  }
}

Result<std::vector<Item>> items_only_events_name(const Imported& imported, const Store& store) {
  std::unordered_set<std::string_view> named;
  for (const auto& item : imported.items) named.insert(item.id.value);
  std::vector<Item> missing;
  for (const auto& event : imported.events) {
    if (!named.insert(event.item.value).second) continue;
    ZY_TRY(const auto known, store.item(event.item));
    if (known) continue;
    Item item;
    item.id = event.item;
    item.title = event.item.value;
    missing.push_back(std::move(item));
  }
  return missing;
}

// Re-importing words must not forget the file that a scan found for the item.
Result<void> keep_media(std::vector<Item>& items, const Store& store) {
  for (auto& item : items) {
    ZY_TRY(auto known, store.item(item.id));
    if (known) item.media = std::move(known->media);
  }
  return {};
}

}  // namespace

std::string describe(const BadRow& row) { return fmt::format("{}:{}: {}", row.file, row.line, row.error.message); }

Error refusal_of(const std::vector<BadRow>& bad) {
  std::string message =
      fmt::format("{} row{} at fault, nothing was imported:", bad.size(), bad.size() == 1 ? " is" : "s are");
  for (std::size_t i = 0; i < std::min(bad.size(), kShownBadRows); ++i) message += "\n  " + describe(bad[i]);
  if (bad.size() > kShownBadRows) message += fmt::format("\n  and {} more", bad.size() - kShownBadRows);
  message += "\nMend the rows, or leave them out with --keep-going.";
  return invalid(message, bad.front().error.field);
}

void Imported::add_item(Item item, const std::string& file, std::size_t line) {
  const auto [known, is_new] = places_.try_emplace(item.id, Place{items.size(), line});
  if (is_new) {
    items.push_back(std::move(item));
    return;
  }
  repeated.push_back({item.id, file, line, known->second.line});
  known->second.line = line;
  items[known->second.index] = std::move(item);
}

std::vector<std::string> import_formats() {
  std::vector<std::string> names;
  for (const auto& format : kFormats) names.emplace_back(format.name);
  return names;
}

Result<Imported> read_import(std::string_view format, const std::filesystem::path& path, UnixSeconds now) {
  const auto found = std::ranges::find(kFormats, format, &Format::name);
  if (found != kFormats.end()) return found->read(path, now);
  return invalid(fmt::format("no import format is called {}: there are {}", format, fmt::join(import_formats(), ", ")));
}

Result<ImportReport> import_all(Imported imported, Ingest& ingest, const Store& store, bool keep_going) {
  if (!imported.bad.empty() && !keep_going) return refusal_of(imported.bad);
  for (const auto& row : imported.bad) log_warning("left out: {}", describe(row));
  warn_of_repeats(imported.repeated);

  ZY_CHECK_OK(keep_media(imported.items, store));
  ZY_TRY(auto missing, items_only_events_name(imported, store));
  std::ranges::move(missing, std::back_inserter(imported.items));
  add_missing_ids(imported.events);

  ImportReport report;
  report.left_out = static_cast<std::int64_t>(imported.bad.size());
  report.repeated_items = static_cast<std::int64_t>(imported.repeated.size());
  ZY_CHECK_OK(ingest.users(imported.users));
  report.users = static_cast<std::int64_t>(imported.users.size());
  Progress item_progress("items", static_cast<std::int64_t>(imported.items.size()));
  for (std::size_t at = 0; at < imported.items.size(); at += kItemBatch) {
    const auto batch = std::span(imported.items).subspan(at, std::min(kItemBatch, imported.items.size() - at));
    ZY_CHECK_OK(ingest.items(batch));
    report.items += static_cast<std::int64_t>(batch.size());
    item_progress.advance(static_cast<std::int64_t>(batch.size()));
  }
  item_progress.finish();
  Progress event_progress("events", static_cast<std::int64_t>(imported.events.size()));
  for (std::size_t at = 0; at < imported.events.size(); at += kEventBatch) {
    const auto batch = std::span(imported.events).subspan(at, std::min(kEventBatch, imported.events.size() - at));
    if (at > 0) std::this_thread::sleep_for(kGap);
    ZY_TRY(const auto appended, ingest.events(batch));
    report.events += appended.accepted;
    report.duplicates += appended.duplicates;
    event_progress.advance(static_cast<std::int64_t>(batch.size()));
  }
  event_progress.finish();
  return report;
}

}  // namespace zhiyin
