#include "base/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace zhiyin::sqlite {
namespace {

namespace fs = std::filesystem;

// Asks for a lock every millisecond. SQLite's own way waits ever longer between its tries, and one who comes and goes
// quickly (a bulk import) would hardly ever be met without the lock.
int ask_again(void* timeout_ms, int tries) {
  if (tries >= *static_cast<const int*>(timeout_ms)) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return 1;
}

int remember_length(void* wal_pages, sqlite3* /*of*/, const char* /*name*/, int pages) {
  *static_cast<int*>(wal_pages) = pages;
  return SQLITE_OK;
}

std::uintmax_t size_or_zero(const fs::path& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  return failed ? 0 : size;
}

fs::path wal_of(const fs::path& path) { return path.string() + "-wal"; }

// What can be said of the path before SQLite sees it.
Result<void> check_path(const Options& options) {
  const auto& path = options.path;
  std::error_code ignored;
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ignored)) {
    return not_found(fmt::format("{}: the folder {} does not exist: create it first", path.string(), folder.string()));
  }
  if (fs::is_directory(path, ignored)) return invalid(fmt::format("{}: is a folder, a file is needed", path.string()));
  const bool exists = fs::exists(path, ignored);
  if (!exists && options.access == Access::kReadOnly)
    return not_found(fmt::format("{}: does not exist", path.string()));
  // SQLite would take the pair for a new database and delete the WAL, and with it what was committed there.
  if (size_or_zero(path) == 0 && size_or_zero(wal_of(path)) > 0) {
    return corrupt(
        fmt::format("{}: is empty or missing although {} is not: the file was cut off or moved away; put it back, or "
                    "restore a backup",
                    path.string(), wal_of(path).string()));
  }
  return {};
}

}  // namespace

Error Database::error(int code) const {
  const auto say = [&](ErrorCode kind, std::string_view what, std::string_view fix) {
    return Error{kind, fmt::format("{}: {}: {}", path_.string(), what, fix), {}};
  };
  const auto no_space = [&] {
    return say(ErrorCode::kNoSpace, "there is no space left on the disk",
               "free some and try again; nothing was half-written");
  };
  const int system = system_error();
  switch (code & 0xff) {
    case SQLITE_FULL: return no_space();
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return say(ErrorCode::kUnavailable, "is locked by another process",
                 "wait until it is done, or stop it, and try again");
    case SQLITE_READONLY:
    case SQLITE_PERM: return say(ErrorCode::kInternal, "is read-only", "allow writing to the file and its folder");
    case SQLITE_CANTOPEN:
      return say(ErrorCode::kInternal, fmt::format("cannot be opened ({})", std::strerror(system)),
                 "check that file and folder exist and may be read and written");
    case SQLITE_NOTADB:
      return say(ErrorCode::kCorrupt, "is not a database of ours",
                 "nothing was changed; move it away or restore a backup");
    case SQLITE_CORRUPT:
      return say(ErrorCode::kCorrupt, "is damaged or cut off",
                 "restore a backup; `sqlite3 FILE .recover` may save what is left in it");
    case SQLITE_IOERR:
      if (system == ENOSPC || system == EDQUOT || system == EFBIG) return no_space();
      return say(ErrorCode::kInternal,
                 fmt::format("the disk failed ({})", system != 0 ? std::strerror(system) : "input or output error"),
                 "check the disk and its quota, then try again");
    default: break;
  }
  return internal(fmt::format("{}: SQLite: {} ({})", path_.string(), sqlite3_errmsg(handle_), sqlite3_errstr(code)));
}

// What the kernel said last. SQLite tells it of the connection, or else of the file at fault: database or WAL.
int Database::system_error() const {
  int system = sqlite3_system_errno(handle_);
  if (system == 0) sqlite3_file_control(handle_, "main", SQLITE_FCNTL_LAST_ERRNO, &system);
  sqlite3_file* wal = nullptr;
  if (system == 0 && sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK &&
      wal != nullptr && wal->pMethods != nullptr) {
    wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &system);
  }
  return system;
}

Result<std::unique_ptr<Database>> Database::open(const Options& options) {
  ZY_CHECK_OK(check_path(options));
  // A reader opens for writing too: the WAL's shared memory needs it. query_only keeps it from the data.
  const int create = options.access == Access::kReadWrite ? SQLITE_OPEN_CREATE : 0;
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(options.path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | create, nullptr);
  if (handle == nullptr) return internal("SQLite: out of memory");
  auto database = std::unique_ptr<Database>(new Database(options.path, handle));
  if (code != SQLITE_OK) return database->error(code);
  sqlite3_extended_result_codes(handle, 1);
  database->busy_timeout_ms_ = options.busy_timeout_ms;
  sqlite3_busy_handler(handle, ask_again, &database->busy_timeout_ms_);
  ZY_CHECK_OK(database->check_identity(options));
  ZY_CHECK_OK(database->check_length());
  ZY_CHECK_OK(database->configure(options));
  if (options.access == Access::kReadWrite) ZY_CHECK_OK(database->migrate(options));
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Result<std::int64_t> Database::pragma(std::string_view name) {
  ZY_TRY(auto query, this->query(fmt::format("PRAGMA {}", name)));
  ZY_TRY(const bool row, query.step());
  return row ? query.integer(0) : 0;
}

Result<void> Database::check_identity(const Options& options) {
  ZY_TRY(const auto id, pragma("application_id"));
  ZY_TRY(const auto version, pragma("user_version"));
  const auto newest = static_cast<std::int64_t>(options.schema.size());
  if (static_cast<std::uint32_t>(id) == options.application_id) {
    if (version > newest) {
      return Error{
          ErrorCode::kConflict,
          fmt::format("{}: was written by a newer version of zhiyin (schema {}, this one knows {}): use that version; "
                      "nothing was changed",
                      path_.string(), version, newest),
          {}};
    }
    if (options.access == Access::kReadOnly && version < newest) {
      return Error{
          ErrorCode::kConflict, fmt::format("{}: has an older schema: open it for writing once", path_.string()), {}};
    }
    return {};
  }
  ZY_TRY(auto tables, query("SELECT count(*) FROM sqlite_schema"));
  ZY_CHECK_OK(tables.step());
  const bool fresh = id == 0 && version == 0 && tables.integer(0) == 0;
  if (fresh && options.access == Access::kReadWrite) return {};
  return invalid(fmt::format(
      "{}: is not this kind of database (application id {:#x}, expected {:#x}): nothing was changed; move it "
      "away or give another path",
      path_.string(), static_cast<std::uint32_t>(id), options.application_id));
}

// SQLite itself misses a file that ends inside its last page. With a WAL beside it that may be an unfinished
// checkpoint, which the WAL repairs.
Result<void> Database::check_length() {
  if (size_or_zero(wal_of(path_)) > 0) return {};
  ZY_TRY(const auto page, pragma("page_size"));
  if (size_or_zero(path_) % static_cast<std::uintmax_t>(page) != 0) return error(SQLITE_CORRUPT);
  return {};
}

Result<void> Database::configure(const Options& options) {
  ZY_CHECK_OK(run(fmt::format("PRAGMA page_size={}", options.page_bytes)));  // has no effect on a file with content
  ZY_CHECK_OK(
      run("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY"));
  ZY_CHECK_OK(run(fmt::format("PRAGMA cache_size={}; PRAGMA wal_autocheckpoint={}", -1024 * options.cache_mib,
                              options.checkpoint_pages)));
  if (options.checkpoint_pages == 0) sqlite3_wal_hook(handle_, remember_length, &wal_pages_);
  if (options.access == Access::kReadOnly) return run("PRAGMA query_only=ON");
  ZY_TRY(auto mode, query("PRAGMA journal_mode=WAL"));
  ZY_CHECK_OK(mode.step());
  if (mode.text_view(0) != "wal") {
    return internal(
        fmt::format("{}: the file system does not allow write-ahead logging ({} instead): put the home on a local disk",
                    path_.string(), mode.text_view(0)));
  }
  return {};
}

Result<void> Database::migrate(const Options& options) {
  const auto newest = static_cast<std::int64_t>(options.schema.size());
  ZY_TRY(auto version, pragma("user_version"));
  if (version == newest) return {};
  ZY_TRY(auto transaction, Transaction::begin(*this));
  ZY_TRY(version, pragma("user_version"));  // another process may have been faster
  for (auto step = version; step < newest; ++step) ZY_CHECK_OK(run(options.schema[static_cast<std::size_t>(step)]));
  ZY_CHECK_OK(run(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", options.application_id, newest)));
  return transaction.commit();
}

Result<void> Database::run(std::string_view sql) {
  const std::string text(sql);
  const int code = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

Result<Query> Database::query(std::string_view sql) {
  std::string text(sql);
  if (const auto found = idle_.find(text); found != idle_.end()) {
    auto* const statement = found->second;
    idle_.erase(found);
    return Query(*this, std::move(text), statement);
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  return Query(*this, std::move(text), statement);
}

Result<void> Database::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

Query::Query(Query&& other) noexcept
    : database_(other.database_),
      sql_(std::move(other.sql_)),
      statement_(other.statement_),
      bind_error_(other.bind_error_) {
  other.statement_ = nullptr;
}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  const auto kept = database_->idle_.try_emplace(std::move(sql_), statement_).second;
  if (!kept) sqlite3_finalize(statement_);  // the same text was in use twice
}

void Query::reset() {
  sqlite3_reset(statement_);
  bind_error_ = SQLITE_OK;
}

void Query::keep_first_error(int code) {
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Query::bind_one(int index, std::int64_t value) { keep_first_error(sqlite3_bind_int64(statement_, index, value)); }
void Query::bind_one(int index, double value) { keep_first_error(sqlite3_bind_double(statement_, index, value)); }
void Query::bind_one(int index, std::string_view value) {
  const char* bytes = value.data() != nullptr ? value.data() : "";  // a null pointer would bind NULL
  keep_first_error(sqlite3_bind_text64(statement_, index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}
void Query::bind_one(int index, Borrowed value) {
  const char* bytes = value.text.data() != nullptr ? value.text.data() : "";
  keep_first_error(sqlite3_bind_text64(statement_, index, bytes, value.text.size(), SQLITE_STATIC, SQLITE_UTF8));
}
void Query::bind_one(int index, Blob value) {
  const void* bytes = value.data() != nullptr ? static_cast<const void*>(value.data()) : "";
  keep_first_error(sqlite3_bind_blob64(statement_, index, bytes, value.size(), SQLITE_TRANSIENT));
}
void Query::bind_one(int index, std::nullopt_t) { keep_first_error(sqlite3_bind_null(statement_, index)); }

Result<bool> Query::step() {
  if (bind_error_ != SQLITE_OK) return database_->error(bind_error_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->error(code);
}

Result<void> Query::run() {
  for (;;) {
    ZY_TRY(const bool row, step());
    if (!row) return {};
  }
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Query::real(int column) const { return sqlite3_column_double(statement_, column); }
std::string_view Query::text_view(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
Blob Query::blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<Transaction> Transaction::begin(Database& database) {
  ZY_CHECK_OK(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Result<void> Transaction::commit() {
  ZY_CHECK_OK(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

Transaction::~Transaction() {
  if (database_ == nullptr || sqlite3_get_autocommit(database_->handle_) != 0)
    return;  // some errors roll back by themselves
  (void)database_->run("ROLLBACK");
}

// Without a look at what it is for: its schema is neither checked nor changed.
Result<std::unique_ptr<Database>> Database::open_as_it_is(const fs::path& path, int busy_timeout_ms) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (handle == nullptr) return internal("SQLite: out of memory");
  auto database = std::unique_ptr<Database>(new Database(path, handle));
  if (code != SQLITE_OK) return database->error(code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  return database;
}

Result<void> copy_database(const fs::path& from, const fs::path& to) {
  ZY_TRY(const auto database, Database::open_as_it_is(from, 10'000));
  ZY_TRY(auto copy, database->query("VACUUM INTO ?1"));
  return copy.bind(to.string()).run().in(fmt::format("copy to {}", to.string()));
}

Result<void> take_alone(const fs::path& path) {
  ZY_TRY(const auto database, Database::open_as_it_is(path, 0));
  return database->run("PRAGMA journal_mode=DELETE");
}

}  // namespace zhiyin::sqlite
