#include "state/store/sqlite/sqlite_store.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

#include "base/kernels/compact.h"
#include "base/sqlite.h"
#include "base/sqlite_readers.h"
#include "state/store/sqlite/rows.h"
#include "state/store/sqlite/schema.h"

namespace zhiyin {
namespace {

using sqlite::Database;
using sqlite::Query;
using sqlite::Transaction;

// Replaces every column but rank, so an item keeps its place.
const std::string kPutItem = fmt::format(
    "INSERT INTO items({}) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17) ON CONFLICT(id) DO "
    "UPDATE SET title=?2, "
    "text=?3, tags=?4, creator=?5, url=?6, time=?7, hidden=?8, attributes=?9, media_kind=?10, media_path=?11, "
    "media_hash=?12, "
    "media_type=?13, duration_s=?14, has_cover=?15, has_preview=?16, media_tags=?17",
    kItemColumns);
const std::string kPutUser = fmt::format(
    "INSERT INTO users({}) VALUES(?1,?2,?3) ON CONFLICT(id) DO UPDATE SET name=?2, attributes=?3", kUserColumns);
const std::string kPutFile = fmt::format("INSERT OR REPLACE INTO files({}) VALUES(?,?,?,?,?)", kFileColumns);
constexpr std::string_view kPutVector =
    "INSERT INTO vectors(item, encoder, version, data) VALUES(?1,?2,?3,?4) "
    "ON CONFLICT(item, encoder) DO UPDATE SET version=?3, data=?4";

sqlite::Options file_options(const std::filesystem::path& path) {
  return {.path = path, .application_id = 0x7a796361, .schema = kCatalogueSchema};  // "zyca"
}

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<Database> writer, const sqlite::Options& file, const StoreOptions& options)
      : options_(options), writer_(std::move(writer)), readers_(file) {}

  Result<std::int64_t> version() const override {
    // Of the writing connection: what it writes itself does not change the number.
    const std::lock_guard lock(write_mutex_);
    ZY_TRY(auto query, writer_->query("PRAGMA data_version"));
    ZY_CHECK_OK(query.step());
    return query.integer(0);
  }

  // --- Items.
  Result<void> put_items(std::span<const Item> items) override { return put_words(items, {}); }

  Result<void> put_words(std::span<const Item> items, std::span<const ItemWords> words) override {
    return write([&](Database& db) -> Result<void> {
      ZY_CHECK_OK(write_items(db, items));
      for (const auto& read : words) ZY_CHECK_OK(write_words(db, read));
      return {};
    });
  }

  Result<std::optional<Item>> item(const ItemId& id) const override {
    static const auto sql = fmt::format("SELECT {} FROM items WHERE id = ?", kItemColumns);
    return read_one<Item>(sql, id.value, read_item);
  }

  Result<void> erase_item(const ItemId& id) override {
    return write([&](Database& db) -> Result<void> {
      ZY_CHECK_OK(run(db, "DELETE FROM items WHERE id = ?", id.value));  // vectors and cover follow (ON DELETE CASCADE)
      return run(db, "DELETE FROM files WHERE item = ?", id.value);
    });
  }

  Result<std::int64_t> count_items() const override { return count("SELECT count(*) FROM items"); }

  Result<void> each_item(const std::function<void(Item&&)>& visit) const override {
    static const auto sql = fmt::format("SELECT {} FROM items ORDER BY rank", kItemColumns);
    return each(sql, [&](const Query& row) -> Result<void> {
      ZY_TRY(auto item, read_item(row));
      visit(std::move(item));
      return {};
    });
  }

  Result<std::vector<Item>> items_after(const std::string& id, std::size_t count) const override {
    static const auto sql = fmt::format("SELECT {} FROM items WHERE id > ? ORDER BY id LIMIT ?", kItemColumns);
    return read_page<Item>(sql, id, count, read_item);
  }

  Result<EncoderVersions> understood_by(const ItemId& id) const override {
    ZY_TRY(auto versions, read_one<EncoderVersions>("SELECT understood_by FROM items WHERE id = ?", id.value,
                                                    [](const Query& row) -> Result<EncoderVersions> {
                                                      return encoder_versions_from(row.text_view(0));
                                                    }));
    return std::move(versions).value_or(EncoderVersions{});
  }

  Result<void> each_understood(const std::function<void(const ItemId&, const EncoderVersions&)>& visit) const override {
    return each("SELECT id, understood_by FROM items ORDER BY rank", [&](const Query& row) -> Result<void> {
      visit(ItemId(row.text_view(0)), encoder_versions_from(row.text_view(1)));
      return {};
    });
  }

  Result<std::optional<ItemId>> item_by_hash(const std::string& content_hash) const override {
    constexpr std::string_view kSql =
        "SELECT id FROM items WHERE media_hash = ? AND media_hash <> '' ORDER BY rank LIMIT 1";
    return read_one<ItemId>(kSql, content_hash,
                            [](const Query& row) -> Result<ItemId> { return ItemId(row.text_view(0)); });
  }

  // --- Users.
  Result<void> put_users(std::span<const User> users) override {
    return write([&](Database& db) -> Result<void> {
      ZY_TRY(auto put, db.query(kPutUser));
      for (const auto& user : users) {
        bind_user(put, user);
        ZY_CHECK_OK(put.run());
      }
      return {};
    });
  }

  Result<std::optional<User>> user(const UserId& id) const override {
    static const auto sql = fmt::format("SELECT {} FROM users WHERE id = ?", kUserColumns);
    return read_one<User>(sql, id.value, read_user);
  }

  Result<void> erase_user(const UserId& id) override {
    return write([&](Database& db) { return run(db, "DELETE FROM users WHERE id = ?", id.value); });
  }

  Result<std::int64_t> count_users() const override { return count("SELECT count(*) FROM users"); }

  Result<void> each_user(const std::function<void(User&&)>& visit) const override {
    static const auto sql = fmt::format("SELECT {} FROM users ORDER BY rank", kUserColumns);
    return each(sql, [&](const Query& row) -> Result<void> {
      ZY_TRY(auto user, read_user(row));
      visit(std::move(user));
      return {};
    });
  }

  Result<std::vector<User>> users_after(const std::string& id, std::size_t count) const override {
    static const auto sql = fmt::format("SELECT {} FROM users WHERE id > ? ORDER BY id LIMIT ?", kUserColumns);
    return read_page<User>(sql, id, count, read_user);
  }

  // --- What was understood.
  Result<void> put_understanding(const Understood& understood) override {
    return write([&](Database& db) -> Result<void> {
      ZY_CHECK_OK(write_items(db, {&understood.item, 1}));
      ZY_CHECK_OK(write_words(db, understood.words));
      ZY_TRY(const auto rank, rank_of(db, understood.item.id));
      const auto seen_by = versions_of(understood.perception);
      ZY_CHECK_OK(forget_vectors(db, rank, seen_by));
      ZY_CHECK_OK(write_vectors(db, rank, understood.perception.vectors));
      ZY_CHECK_OK(add_versions(db, rank, seen_by));
      ZY_CHECK_OK(run(db, "INSERT OR REPLACE INTO perceptions(item, data) VALUES(?,?)", rank,
                      to_json(understood.perception).dump()));
      ZY_CHECK_OK(write_pictures(db, rank, understood.pictures));
      ZY_CHECK_OK(run(db, "DELETE FROM reports WHERE path = ?", understood.file.path));
      return write_file(db, understood.file);
    });
  }

  Result<std::optional<Perception>> perception(const ItemId& id) const override {
    constexpr std::string_view kSql = "SELECT data FROM perceptions JOIN items ON item = rank WHERE id = ?";
    return read_one<Perception>(kSql, id.value, [](const Query& row) -> Result<Perception> {
      ZY_TRY(const auto json, Json::parse(row.text_view(0)));
      return perception_from_json(json);
    });
  }

  Result<void> each_perception(const std::function<void(const ItemId&, Perception&&)>& visit) const override {
    return each("SELECT id, data FROM perceptions JOIN items ON item = rank ORDER BY rank",
                [&](const Query& row) -> Result<void> {
                  ZY_TRY(const auto json, Json::parse(row.text_view(1)));
                  visit(ItemId(row.text_view(0)), perception_from_json(json));
                  return {};
                });
  }

  Result<void> put_vectors(std::span<const ItemVector> vectors) override {
    return write([&](Database& db) -> Result<void> {
      for (const auto& [item, vector] : vectors) {
        ZY_TRY(const auto rank, rank_of(db, item));
        ZY_CHECK_OK(write_vectors(db, rank, {&vector, 1}));
      }
      return {};
    });
  }

  Result<std::vector<StoredVector>> vectors(const ItemId& id) const override {
    ZY_TRY(const auto db, readers_.lend());
    ZY_TRY(auto rows,
           db->query(
               "SELECT encoder, version, data FROM vectors JOIN items ON item = rank WHERE id = ? ORDER BY encoder"));
    rows.bind(id.value);
    std::vector<StoredVector> found;
    for (;;) {
      ZY_TRY(const bool row, rows.step());
      if (!row) return found;
      ZY_TRY(auto vector, read_vector(*db, rows, 0));
      found.push_back(std::move(vector));
    }
  }

  Result<void> each_vector(const std::function<void(const ItemId&, StoredVector&&)>& visit) const override {
    constexpr std::string_view kSql =
        "SELECT id, encoder, version, data FROM vectors JOIN items ON item = rank ORDER BY item, encoder";
    ZY_TRY(const auto db, readers_.lend());
    ZY_TRY(auto rows, db->query(kSql));
    for (;;) {
      ZY_TRY(const bool row, rows.step());
      if (!row) return {};
      ZY_TRY(auto vector, read_vector(*db, rows, 1));
      visit(ItemId(rows.text_view(0)), std::move(vector));
    }
  }

  Result<std::optional<Cover>> picture(const ItemId& id, Picture which) const override {
    constexpr std::string_view kCover = "SELECT content_type, bytes FROM covers JOIN items ON item = rank WHERE id = ?";
    constexpr std::string_view kSmall =
        "SELECT content_type, bytes FROM pictures JOIN items ON item = rank WHERE id = ? AND size = 'small'";
    constexpr std::string_view kPreview =
        "SELECT content_type, bytes FROM pictures JOIN items ON item = rank WHERE id = ? AND size = 'preview'";
    const auto sql = which == Picture::kCover ? kCover : which == Picture::kSmall ? kSmall : kPreview;
    return read_one<Cover>(sql, id.value, [](const Query& row) -> Result<Cover> {
      const auto bytes = row.blob(1);
      return Cover{row.text(0), std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
    });
  }

  // --- Files.
  Result<std::optional<ScannedFile>> file(const std::string& path) const override {
    static const auto sql = fmt::format("SELECT {} FROM files WHERE path = ?", kFileColumns);
    return read_one<ScannedFile>(sql, path, [](const Query& row) -> Result<ScannedFile> { return read_file_row(row); });
  }

  Result<std::optional<ScannedFile>> file_by_hash(const std::string& content_hash,
                                                  const std::string& except_path) const override {
    static const auto sql =
        fmt::format("SELECT {} FROM files WHERE content_hash = ? AND path <> ? ORDER BY rowid LIMIT 1", kFileColumns);
    ZY_TRY(const auto db, readers_.lend());
    ZY_TRY(auto query, db->query(sql));
    ZY_TRY(const bool row, query.bind(content_hash, except_path).step());
    return row ? std::optional(read_file_row(query)) : std::nullopt;
  }

  Result<void> put_file(const ScannedFile& file) override {
    return write([&](Database& db) { return write_file(db, file); });
  }

  Result<void> each_file(const std::function<void(ScannedFile&&)>& visit) const override {
    static const auto sql = fmt::format("SELECT {} FROM files ORDER BY path", kFileColumns);
    return each(sql, [&](const Query& row) -> Result<void> {
      visit(read_file_row(row));
      return {};
    });
  }

  Result<void> move_file(const std::string& from, const ScannedFile& to) override {
    return write([&](Database& db) -> Result<void> {
      ZY_CHECK_OK(run(db, "DELETE FROM files WHERE path = ?", from));
      ZY_CHECK_OK(run(db, "DELETE FROM reports WHERE path = ?", to.path));
      ZY_CHECK_OK(write_file(db, to));
      return run(db, "UPDATE items SET media_path = ?1 WHERE id = ?2 AND (media_path = ?3 OR media_path = '')", to.path,
                 to.item.value, from);
    });
  }

  Result<void> erase_file(const std::string& path) override {
    return write([&](Database& db) -> Result<void> {
      ZY_CHECK_OK(
          run(db,
              "UPDATE items SET media_path = coalesce((SELECT path FROM files WHERE item = items.id AND path <> ?1 AND "
              "content_hash = items.media_hash ORDER BY path LIMIT 1), '') WHERE media_path = ?1",
              path));
      return run(db, "DELETE FROM files WHERE path = ?", path);
    });
  }

  Result<void> put_report(const FileReport& report) override {
    return write([&](Database& db) {
      return run(db, "INSERT OR REPLACE INTO reports(path, reason, size, modified_ns, tried_with) VALUES(?,?,?,?,?)",
                 report.path, report.reason, report.size, report.modified_ns, report.tried_with);
    });
  }

  Result<void> erase_report(const std::string& path) override {
    return write([&](Database& db) { return run(db, "DELETE FROM reports WHERE path = ?", path); });
  }

  Result<std::vector<FileReport>> reports() const override {
    std::vector<FileReport> found;
    ZY_CHECK_OK(each("SELECT path, reason, size, modified_ns, tried_with FROM reports ORDER BY path",
                     [&](const Query& row) -> Result<void> {
                       found.push_back({row.text(0), row.text(1), row.integer(2), row.integer(3), row.text(4)});
                       return {};
                     }));
    return found;
  }

 private:
  // One transaction on the one connection that writes: all of `work`, or nothing.
  template <typename Work>
  Result<void> write(const Work& work) {
    const std::lock_guard lock(write_mutex_);
    ZY_TRY(auto transaction, Transaction::begin(*writer_));
    ZY_CHECK_OK(work(*writer_));
    return transaction.commit();
  }

  template <typename... Values>
  static Result<void> run(Database& db, std::string_view sql, const Values&... values) {
    ZY_TRY(auto query, db.query(sql));
    return query.bind(values...).run();
  }

  template <typename T, typename Read>
  Result<std::optional<T>> read_one(std::string_view sql, const std::string& key, const Read& read) const {
    ZY_TRY(const auto db, readers_.lend());
    ZY_TRY(auto query, db->query(sql));
    ZY_TRY(const bool row, query.bind(key).step());
    if (!row) return std::optional<T>();
    ZY_TRY(auto value, read(query).in(db->path().string()));
    return std::optional<T>(std::move(value));
  }

  template <typename Read>
  Result<void> each(std::string_view sql, const Read& read) const {
    ZY_TRY(const auto db, readers_.lend());
    ZY_TRY(auto rows, db->query(sql));
    for (;;) {
      ZY_TRY(const bool row, rows.step());
      if (!row) return {};
      ZY_CHECK_OK(read(rows).in(db->path().string()));
    }
  }

  template <typename T, typename Read>
  Result<std::vector<T>> read_page(std::string_view sql, const std::string& after, std::size_t count,
                                   const Read& read) const {
    ZY_TRY(const auto db, readers_.lend());
    ZY_TRY(auto rows, db->query(sql));
    rows.bind(after, static_cast<std::int64_t>(count));
    std::vector<T> page;
    for (;;) {
      ZY_TRY(const bool row, rows.step());
      if (!row) return page;
      ZY_TRY(auto value, read(rows).in(db->path().string()));
      page.push_back(std::move(value));
    }
  }

  Result<std::int64_t> count(std::string_view sql) const {
    ZY_TRY(const auto db, readers_.lend());
    ZY_TRY(auto query, db->query(sql));
    ZY_CHECK_OK(query.step());
    return query.integer(0);
  }

  static Result<std::int64_t> rank_of(Database& db, const ItemId& id) {
    ZY_TRY(auto query, db.query("SELECT rank FROM items WHERE id = ?"));
    ZY_TRY(const bool row, query.bind(id.value).step());
    if (!row) return not_found(fmt::format("no item \"{}\"", id.value));
    return query.integer(0);
  }

  Result<void> write_vectors(Database& db, std::int64_t rank, std::span<const StoredVector> vectors) const {
    ZY_TRY(auto put, db.query(kPutVector));
    for (const auto& vector : vectors) {
      const auto bytes = pack_vector(vector.values, kept_precision(vector.values, options_.vectors));
      ZY_CHECK_OK(put.bind(rank, vector.encoder, vector.version, std::as_bytes(std::span(bytes))).run());
    }
    return {};
  }

  static Result<void> write_items(Database& db, std::span<const Item> items) {
    ZY_TRY(auto put, db.query(kPutItem));
    for (const auto& item : items) {
      bind_item(put, item);
      ZY_CHECK_OK(put.run());
    }
    return {};
  }

  Result<void> write_words(Database& db, const ItemWords& words) const {
    ZY_TRY(const auto rank, rank_of(db, words.item));
    ZY_CHECK_OK(forget_vectors(db, rank, words.read_by));
    ZY_CHECK_OK(write_vectors(db, rank, words.vectors));
    return add_versions(db, rank, words.read_by);
  }

  static Result<void> forget_vectors(Database& db, std::int64_t rank, const EncoderVersions& encoders) {
    ZY_TRY(auto erase, db.query("DELETE FROM vectors WHERE item = ? AND encoder = ?"));
    for (const auto& [encoder, version] : encoders) ZY_CHECK_OK(erase.bind(rank, encoder).run());
    return {};
  }

  // Lays these versions over those that have understood the item before.
  static Result<void> add_versions(Database& db, std::int64_t rank, const EncoderVersions& encoders) {
    EncoderVersions all;
    {
      ZY_TRY(auto row, db.query("SELECT understood_by FROM items WHERE rank = ?"));
      ZY_CHECK_OK(row.bind(rank).step());
      all = encoder_versions_from(row.text_view(0));
    }
    for (const auto& [encoder, version] : encoders) all.insert_or_assign(encoder, version);
    return run(db, "UPDATE items SET understood_by = ?2 WHERE rank = ?1", rank, to_text(all));
  }

  static Result<void> write_pictures(Database& db, std::int64_t rank, const ItemPictures& pictures) {
    ZY_CHECK_OK(run(db, "DELETE FROM covers WHERE item = ?", rank));
    ZY_CHECK_OK(run(db, "DELETE FROM pictures WHERE item = ?", rank));
    if (const auto& cover = pictures.cover; cover.has_value()) {
      ZY_CHECK_OK(run(db, "INSERT INTO covers(item, content_type, bytes) VALUES(?,?,?)", rank, cover->content_type,
                      std::as_bytes(std::span(cover->bytes))));
    }
    for (const auto& [size, picture] : {std::pair{"small", &pictures.small}, {"preview", &pictures.preview}}) {
      if (!picture->has_value()) continue;
      ZY_CHECK_OK(run(db, "INSERT INTO pictures(item, size, content_type, bytes) VALUES(?,?,?,?)", rank, size,
                      (*picture)->content_type, std::as_bytes(std::span((*picture)->bytes))));
    }
    return {};
  }

  static Result<void> write_file(Database& db, const ScannedFile& file) {
    ZY_TRY(auto put, db.query(kPutFile));
    bind_file(put, file);
    return put.run();
  }

  // encoder, version and data from the columns at `first`.
  static Result<StoredVector> read_vector(const Database& db, const Query& row, int first) {
    StoredVector vector;
    vector.encoder = row.text(first);
    vector.version = static_cast<int>(row.integer(first + 1));
    ZY_TRY(vector.values, from_blob(row.blob(first + 2)).in(db.path().string()));
    return vector;
  }

  const StoreOptions options_;
  mutable std::mutex write_mutex_;
  std::unique_ptr<Database> writer_;  // GUARDED_BY(write_mutex_)
  mutable sqlite::Readers readers_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& path, const StoreOptions& options) {
  const auto file = file_options(path);
  ZY_TRY(auto writer, Database::open(file));
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(std::move(writer), file, options));
}

}  // namespace zhiyin
