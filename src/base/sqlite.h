// SQLite in our words: a database file, statements, transactions. No type of SQLite leaves through this header.
//
// A file is opened in WAL mode and carries two marks: which of our kinds of file it is (application id), and the
// version of its schema. Whatever cannot be opened safely is refused before a byte of it is changed: another program's
// database, a schema newer than this program knows, a file that is damaged or cut off.
//
// Errors name the file, what happened and what to do: no space, locked, read-only, not a database, damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace zhiyin::sqlite {

enum class Access { kReadWrite, kReadOnly };

struct Options {
  std::filesystem::path path;
  std::uint32_t application_id = 0;
  std::span<const std::string_view> schema;  // schema[v]: the SQL that brings version v to v + 1; static storage
  Access access = Access::kReadWrite;        // kReadOnly needs an existing file of the current version
  int busy_timeout_ms = 10'000;              // how long to wait for another connection's lock
  int page_bytes = 4096;                     // of a new file
  int cache_mib = 4;
  int checkpoint_pages = 1000;  // length of the WAL at which a commit moves it into the file; 0: checkpoint() does
};

class Query;

// One connection. Confined to one thread at a time; several connections to one file may live side by side.
// A commit is on disk when it returns (synchronous=FULL).
class Database {
 public:
  // Opens or, with kReadWrite, creates the file and brings its schema up to date, in one transaction.
  static Result<std::unique_ptr<Database>> open(const Options& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs statements that return nothing, separated by semicolons.
  Result<void> run(std::string_view sql);

  // The statement of this text, compiled at first use and kept for the next. The Query must not outlive the database.
  Result<Query> query(std::string_view sql);

  // Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;

  // Pages in the WAL after the last commit of this connection. Counted with checkpoint_pages = 0 only.
  [[nodiscard]] int wal_pages() const { return wal_pages_; }
  // Moves what the WAL holds into the file, as far as no reader still needs the file as it was; others read and write
  // meanwhile. kUnavailable if another connection is doing it.
  Result<void> checkpoint();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  // "FILE: what happened: what to do", for SQLite's result code.
  [[nodiscard]] Error error(int code) const;

 private:
  friend class Query;
  friend class Transaction;
  friend Result<void> copy_database(const std::filesystem::path&, const std::filesystem::path&);
  friend Result<void> take_alone(const std::filesystem::path&);
  static Result<std::unique_ptr<Database>> open_as_it_is(const std::filesystem::path& path, int busy_timeout_ms);
  Database(std::filesystem::path path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  [[nodiscard]] int system_error() const;
  Result<std::int64_t> pragma(std::string_view name);
  Result<void> check_identity(const Options& options);
  Result<void> check_length();
  Result<void> configure(const Options& options);
  Result<void> migrate(const Options& options);

  std::filesystem::path path_;
  sqlite3* handle_;
  int busy_timeout_ms_ = 0;
  int wal_pages_ = 0;
  std::unordered_map<std::string, sqlite3_stmt*> idle_;  // compiled statements that no Query holds
};

// Bytes that are bound or read as they are.
using Blob = std::span<const std::byte>;

// Text that is bound without a copy: it must live until the next bind() or the end of the Query.
struct Borrowed {
  std::string_view text;
};

// A statement in use. bind, then step until false; bind again to run it again.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();  // gives the statement back

  // Values for ?1, ?2, ... in order: integers, doubles, bool, text, Blob, optionals of these (empty is NULL).
  template <typename... Values>
  Query& bind(const Values&... values) {
    reset();
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }

  // Whether there is a next row, which the column functions then read.
  Result<bool> step();
  // To the end, for statements whose rows do not matter.
  Result<void> run();

  // Columns count from 0. Views are valid until the next step. NULL reads as 0 or empty.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const { return std::string(text_view(column)); }
  [[nodiscard]] std::string_view text_view(int column) const;
  [[nodiscard]] Blob blob(int column) const;

 private:
  friend class Database;
  Query(Database& database, std::string sql, sqlite3_stmt* statement)
      : database_(&database), sql_(std::move(sql)), statement_(statement) {}

  void reset();
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, int value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, bool value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, double value);
  void bind_one(int index, std::string_view value);
  void bind_one(int index, const std::string& value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, const char* value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, Blob value);
  void bind_one(int index, Borrowed value);
  void bind_one(int index, std::nullopt_t);
  template <typename T>
  void bind_one(int index, const std::optional<T>& value) {
    if (value.has_value()) {
      bind_one(index, *value);
    } else {
      bind_one(index, std::nullopt);
    }
  }
  void keep_first_error(int code);

  Database* database_;
  std::string sql_;
  sqlite3_stmt* statement_;
  int bind_error_ = 0;  // the first of this round; reported by step()
};

// A write transaction. Rolled back when it goes out of scope without a successful commit().
class Transaction {
 public:
  // Waits for other writers up to the busy timeout.
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(other.database_) { other.database_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

// Writes a copy of a database as of one moment, while others write to it; what was deleted from it is not in the copy.
// `to` must not exist yet, and is not synced.
Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to);

// Moves the write-ahead log of a database that nobody else has open into its file, so that the file is all there is of
// it. kUnavailable if somebody has it open.
Result<void> take_alone(const std::filesystem::path& path);

}  // namespace zhiyin::sqlite
