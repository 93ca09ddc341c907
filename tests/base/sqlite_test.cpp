#include "base/sqlite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "base/file.h"
#include "support/temporary_folder.h"

namespace zhiyin::sqlite {
namespace {

constexpr std::uint32_t kOurs = 0x7a797465;
constexpr std::array<std::string_view, 1> kVersion1 = {"CREATE TABLE words(word TEXT, n INTEGER)"};
constexpr std::array<std::string_view, 2> kVersion2 = {kVersion1[0], "ALTER TABLE words ADD COLUMN note TEXT"};

class Sqlite : public ::testing::Test {
 protected:
  Options options(std::span<const std::string_view> schema = kVersion1) const {
    return {.path = folder_ / "test.db", .application_id = kOurs, .schema = schema, .busy_timeout_ms = 50};
  }
  std::unique_ptr<Database> open(std::span<const std::string_view> schema = kVersion1) const {
    auto opened = Database::open(options(schema));
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(opened).value();
  }
  // Opening fails so, and not a byte of the file changes.
  void expect_refused(ErrorCode code, std::string_view words,
                      std::span<const std::string_view> schema = kVersion1) const {
    const auto before = read_file(folder_ / "test.db").value();
    const auto opened = Database::open(options(schema));
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, code) << opened.error().message;
    EXPECT_NE(opened.error().message.find(words), std::string::npos) << opened.error().message;
    EXPECT_NE(opened.error().message.find("test.db"), std::string::npos) << opened.error().message;
    EXPECT_EQ(read_file(folder_ / "test.db").value(), before);
  }
  void write(std::string_view bytes) const { std::ofstream(folder_ / "test.db", std::ios::binary) << bytes; }

  TemporaryFolder folder_;
};

TEST_F(Sqlite, KeepsEveryKindOfValue) {
  const auto database = open();
  const std::string text("a\0b", 3);
  const std::vector<std::byte> bytes = {std::byte{0}, std::byte{255}};
  auto query = database->query("SELECT ?, ?, ?, ?, ?, ?, ?").value();
  query.bind(std::int64_t{1} << 60, 0.25, text, Blob(bytes), std::optional<double>(), "", Borrowed{text});
  ASSERT_TRUE(query.step().value());
  EXPECT_EQ(query.integer(0), std::int64_t{1} << 60);
  EXPECT_EQ(query.real(1), 0.25);
  EXPECT_EQ(query.text(2), text);
  EXPECT_TRUE(std::ranges::equal(query.blob(3), bytes));
  EXPECT_TRUE(query.is_null(4));
  EXPECT_FALSE(query.is_null(5));
  EXPECT_EQ(query.text(6), text);
  EXPECT_FALSE(query.step().value());
}

TEST_F(Sqlite, ATransactionThatIsNotCommittedLeavesNothing) {
  const auto database = open();
  {
    auto transaction = Transaction::begin(*database).value();
    ASSERT_TRUE(database->run("INSERT INTO words VALUES('a', 1)").ok());
  }
  auto count = database->query("SELECT count(*) FROM words").value();
  ASSERT_TRUE(count.step().ok());
  EXPECT_EQ(count.integer(0), 0);
}

TEST_F(Sqlite, AnOlderSchemaIsBroughtUpToDate) {
  ASSERT_TRUE(open()->run("INSERT INTO words VALUES('kept', 1)").ok());
  const auto database = open(kVersion2);
  auto query = database->query("SELECT word, note FROM words").value();
  ASSERT_TRUE(query.step().value());
  EXPECT_EQ(query.text(0), "kept");
}

TEST_F(Sqlite, ANewerSchemaIsRefused) {
  open(kVersion2);
  expect_refused(ErrorCode::kConflict, "newer version");
}

TEST_F(Sqlite, AStepThatFailsLeavesTheOldVersion) {
  open();
  constexpr std::array<std::string_view, 2> kBroken = {kVersion1[0], "CREATE TABLE half(x); NONSENSE"};
  EXPECT_FALSE(Database::open(options(kBroken)).ok());
  const auto database = open();
  auto tables = database->query("SELECT count(*) FROM sqlite_schema").value();
  ASSERT_TRUE(tables.step().ok());
  EXPECT_EQ(tables.integer(0), 1);
}

TEST_F(Sqlite, AnotherProgramsDatabaseIsRefused) {
  auto other = options();
  other.application_id = 77;
  { ASSERT_TRUE(Database::open(other).ok()); }
  expect_refused(ErrorCode::kInvalid, "not this kind of database");
}

TEST_F(Sqlite, GarbageIsRefused) {
  for (const auto& bytes : {std::string("hello"), std::string(10'000, 'x')}) {
    write(bytes);
    expect_refused(ErrorCode::kCorrupt, "not a database");
  }
}

TEST_F(Sqlite, AFileCutOffIsRefused) {
  {
    const auto database = open();
    ASSERT_TRUE(database
                    ->run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
                          "INSERT INTO words SELECT hex(randomblob(500)), i FROM n")
                    .ok());
  }
  const auto whole = read_file(folder_ / "test.db").value();
  ASSERT_GT(whole.size(), 50'000U);
  for (const auto size :
       {whole.size() - 1, whole.size() - 4096, std::size_t{20'000}, std::size_t{4096}, std::size_t{1000}}) {
    SCOPED_TRACE(size);
    write(whole.substr(0, size));
    expect_refused(ErrorCode::kCorrupt, "damaged or cut off");
  }
}

TEST_F(Sqlite, AnEmptyFileBesideItsWalIsRefused) {
  write("");
  std::ofstream(folder_ / "test.db-wal") << "committed";
  expect_refused(ErrorCode::kCorrupt, "is empty or missing");
  EXPECT_EQ(read_file(folder_ / "test.db-wal").value(), "committed");
}

TEST_F(Sqlite, AMissingFolderIsNamed) {
  auto elsewhere = options();
  elsewhere.path = folder_ / "no" / "test.db";
  const auto opened = Database::open(elsewhere);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
  EXPECT_NE(opened.error().message.find("does not exist"), std::string::npos);
}

TEST_F(Sqlite, AFolderInPlaceOfTheFileIsNamed) {
  auto folder = options();
  folder.path = folder_.path();
  EXPECT_EQ(Database::open(folder).error().code, ErrorCode::kInvalid);
}

TEST_F(Sqlite, ALockedFileSaysSo) {
  const auto first = open();
  const auto second = open();
  const auto transaction = Transaction::begin(*first);
  ASSERT_TRUE(transaction.ok());
  const auto waiting = Transaction::begin(*second);
  ASSERT_FALSE(waiting.ok());
  EXPECT_EQ(waiting.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(waiting.error().message.find("locked"), std::string::npos);
}

TEST_F(Sqlite, AReaderCannotWrite) {
  const auto writer = open();
  auto read_only = options();
  read_only.access = Access::kReadOnly;
  const auto reader = Database::open(read_only);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  const auto written = (*reader)->run("INSERT INTO words VALUES('a', 1)");
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().message.find("read-only"), std::string::npos);
}

}  // namespace
}  // namespace zhiyin::sqlite
