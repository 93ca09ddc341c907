// Which feedback of each type every user has given on every item now: one row for (type, user, item). It is a
// projection of the event log, which remembers everything that ever was: the file may be deleted at any time, and is
// made anew from the log. So a commit does not wait for the disk; after a power cut the table may be some events behind
// its log, never torn, and its offset says how many.
//
// Thread-compatible: its owner locks.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/sqlite.h"
#include "domain/ids.h"

namespace zhiyin {

struct FeedbackKey {
  std::string type;
  UserId user;
  ItemId item;
  auto operator<=>(const FeedbackKey&) const = default;
};

struct FeedbackRow {
  FeedbackKey key;
  double value = 0;
  UnixSeconds time = 0;
  std::string comment;
  std::string labels;      // JSON; empty for none
  bool announced = false;  // its time has not come: it has no effect yet
};

// One step from a state of the table to the next.
struct FeedbackChange {
  enum class Kind { kPut, kErasePair, kMerge } kind = Kind::kPut;
  FeedbackRow row;    // kErasePair: all rows of its user and item go
  UserId guest = {};  // kMerge: its rows become those of row's user; of two of a type and an item the later stands
};

class FeedbackTable {
 public:
  static Result<std::unique_ptr<FeedbackTable>> open(const std::filesystem::path& path);

  // The log's events up to here are in the table.
  [[nodiscard]] Result<std::int64_t> offset() const;
  // All changes and the new offset, or nothing.
  Result<void> apply(std::span<const FeedbackChange> changes, std::int64_t offset);

  [[nodiscard]] Result<std::optional<FeedbackRow>> row(const FeedbackKey& key) const;
  // In the order of their keys.
  [[nodiscard]] Result<std::vector<FeedbackRow>> of_pair(const UserId& user, const ItemId& item) const;
  [[nodiscard]] Result<std::vector<FeedbackRow>> of_user(const UserId& user) const;
  [[nodiscard]] Result<std::vector<FeedbackRow>> of_item(const ItemId& item) const;
  // At most `count` rows behind `after`, of one type or (empty) of all.
  [[nodiscard]] Result<std::vector<FeedbackRow>> page(const std::string& type, const FeedbackKey& after,
                                                      std::size_t count) const;
  // Those announced for a time that has come.
  [[nodiscard]] Result<std::vector<FeedbackRow>> due(UnixSeconds now) const;
  // The earliest time that something is announced for; the latest there is where nothing is.
  [[nodiscard]] Result<UnixSeconds> next_due() const;

 private:
  explicit FeedbackTable(std::unique_ptr<sqlite::Database> database) : database_(std::move(database)) {}
  template <typename... Values>
  Result<std::vector<FeedbackRow>> select(std::string_view sql, const Values&... values) const;

  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace zhiyin
