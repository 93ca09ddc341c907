#include "state/store/sqlite/feedback_table.h"

#include <array>
#include <limits>

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, 1> kSchema = {R"sql(
  CREATE TABLE feedback(
    type TEXT NOT NULL,
    user TEXT NOT NULL,
    item TEXT NOT NULL,
    value REAL NOT NULL,
    time INTEGER NOT NULL,
    comment TEXT NOT NULL,
    labels TEXT NOT NULL,
    announced INTEGER NOT NULL,
    PRIMARY KEY(type, user, item)) WITHOUT ROWID;
  CREATE INDEX feedback_user ON feedback(user, item);
  CREATE INDEX feedback_item ON feedback(item);
  CREATE INDEX feedback_announced ON feedback(time) WHERE announced;
  CREATE TABLE progress(offset INTEGER NOT NULL);
  INSERT INTO progress VALUES(0);
)sql"};

constexpr std::string_view kPut =
    "INSERT OR REPLACE INTO feedback(type, user, item, value, time, comment, labels, announced) "
    "VALUES(?,?,?,?,?,?,?,?)";
constexpr std::string_view kMoveToUser =
    "INSERT OR REPLACE INTO feedback(type, user, item, value, time, comment, labels, announced) "
    "SELECT type, ?1, item, value, time, comment, labels, announced FROM feedback AS theirs WHERE user = ?2 AND NOT "
    "EXISTS("
    "SELECT 1 FROM feedback WHERE type = theirs.type AND user = ?1 AND item = theirs.item AND time > theirs.time)";
constexpr std::string_view kEraseUser = "DELETE FROM feedback WHERE user = ?";
constexpr std::string_view kErasePair = "DELETE FROM feedback WHERE user = ? AND item = ?";

FeedbackRow read_row(const sqlite::Query& row) {
  return {.key = {row.text(0), UserId(row.text_view(1)), ItemId(row.text_view(2))},
          .value = row.real(3),
          .time = row.integer(4),
          .comment = row.text(5),
          .labels = row.text(6),
          .announced = row.integer(7) != 0};
}

}  // namespace

Result<std::unique_ptr<FeedbackTable>> FeedbackTable::open(const std::filesystem::path& path) {
  ZY_TRY(auto database,
         sqlite::Database::open({.path = path, .application_id = 0x7a796662, .schema = kSchema}));  // "zyfb"
  ZY_CHECK_OK(database->run("PRAGMA synchronous = NORMAL"));
  return std::unique_ptr<FeedbackTable>(new FeedbackTable(std::move(database)));
}

Result<std::int64_t> FeedbackTable::offset() const {
  ZY_TRY(auto query, database_->query("SELECT offset FROM progress"));
  ZY_CHECK_OK(query.step());
  return query.integer(0);
}

Result<void> FeedbackTable::apply(std::span<const FeedbackChange> changes, std::int64_t offset) {
  ZY_TRY(auto transaction, sqlite::Transaction::begin(*database_));
  for (const auto& [kind, row, guest] : changes) {
    if (kind == FeedbackChange::Kind::kErasePair) {
      ZY_TRY(auto erase, database_->query(kErasePair));
      ZY_CHECK_OK(erase.bind(row.key.user.value, row.key.item.value).run());
      continue;
    }
    if (kind == FeedbackChange::Kind::kMerge) {
      ZY_TRY(auto move, database_->query(kMoveToUser));
      ZY_CHECK_OK(move.bind(row.key.user.value, guest.value).run());
      ZY_TRY(auto erase, database_->query(kEraseUser));
      ZY_CHECK_OK(erase.bind(guest.value).run());
      continue;
    }
    ZY_TRY(auto put, database_->query(kPut));
    put.bind(row.key.type, row.key.user.value, row.key.item.value, row.value, row.time, row.comment, row.labels,
             row.announced);
    ZY_CHECK_OK(put.run());
  }
  ZY_TRY(auto progress, database_->query("UPDATE progress SET offset = ?"));
  ZY_CHECK_OK(progress.bind(offset).run());
  return transaction.commit();
}

template <typename... Values>
Result<std::vector<FeedbackRow>> FeedbackTable::select(std::string_view condition, const Values&... values) const {
  const auto sql =
      "SELECT type, user, item, value, time, comment, labels, announced FROM feedback WHERE " + std::string(condition);
  ZY_TRY(auto query, database_->query(sql));
  query.bind(values...);
  std::vector<FeedbackRow> rows;
  for (;;) {
    ZY_TRY(const bool more, query.step());
    if (!more) return rows;
    rows.push_back(read_row(query));
  }
}

Result<std::optional<FeedbackRow>> FeedbackTable::row(const FeedbackKey& key) const {
  ZY_TRY(auto rows, select("type = ? AND user = ? AND item = ?", key.type, key.user.value, key.item.value));
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

Result<std::vector<FeedbackRow>> FeedbackTable::of_pair(const UserId& user, const ItemId& item) const {
  return select("user = ? AND item = ? ORDER BY type", user.value, item.value);
}

Result<std::vector<FeedbackRow>> FeedbackTable::of_user(const UserId& user) const {
  return select("user = ? ORDER BY type, item", user.value);
}

Result<std::vector<FeedbackRow>> FeedbackTable::of_item(const ItemId& item) const {
  return select("item = ? ORDER BY type, user", item.value);
}

Result<std::vector<FeedbackRow>> FeedbackTable::page(const std::string& type, const FeedbackKey& after,
                                                     std::size_t count) const {
  const auto limit = static_cast<std::int64_t>(count);
  if (type.empty()) {
    return select("(type, user, item) > (?, ?, ?) ORDER BY type, user, item LIMIT ?", after.type, after.user.value,
                  after.item.value, limit);
  }
  return select("type = ? AND (user, item) > (?, ?) ORDER BY user, item LIMIT ?", type, after.user.value,
                after.item.value, limit);
}

Result<std::vector<FeedbackRow>> FeedbackTable::due(UnixSeconds now) const {
  return select("announced AND time <= ? ORDER BY time, type, user, item", now);
}

Result<UnixSeconds> FeedbackTable::next_due() const {
  ZY_TRY(auto query, database_->query("SELECT min(time) FROM feedback WHERE announced"));
  ZY_CHECK_OK(query.step());
  return query.is_null(0) ? std::numeric_limits<UnixSeconds>::max() : query.integer(0);
}

}  // namespace zhiyin
