// What the SQLite store does with a file that is not its own, and when it is killed between two parts of one call.
#include "state/store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/file.h"
#include "base/sqlite.h"
#include "state/bus/local/local_event_log.h"
#include "state/store/sqlite/schema.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

TEST(SqliteStore, RefusesAFileThatIsNotACatalogue) {
  const TemporaryFolder folder;
  const auto path = folder / "catalogue.db";
  std::ofstream(path) << "id,title\n";
  const auto opened = open_sqlite_store(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_file(path).value(), "id,title\n");
}

TEST(SqliteStore, RefusesAnEventLog) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  { ASSERT_TRUE(open_local_log(path).ok()); }
  const auto before = read_file(path).value();
  const auto opened = open_sqlite_store(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("not this kind of database"), std::string::npos) << opened.error().message;
  EXPECT_EQ(read_file(path).value(), before);
}

// The version before the last wrote float32 alone. Its rows and new ones are read side by side.
TEST(SqliteStore, OpensACatalogueOfTheTimeOfFloats) {
  const TemporaryFolder folder;
  const auto path = folder / "catalogue.db";
  const std::vector<float> old_values = {0.1F, -2.5e-7F, 70'000.0F, 3.0F};
  {
    const auto old = sqlite::Database::open(
                         {.path = path, .application_id = 0x7a796361, .schema = std::span(kCatalogueSchema).first(3)})
                         .value();
    ASSERT_TRUE(old->run("INSERT INTO items(id, title, text, tags, creator, url, hidden, media_kind, media_path, "
                         "media_hash, media_type, duration_s, has_cover) "
                         "VALUES('a', '', '', '[]', '', '', 0, 'none', '', '', '', 0, 0)")
                    .ok());
    auto put = old->query("INSERT INTO vectors(item, encoder, version, data) VALUES(1, 'text.old', 1, ?)").value();
    ASSERT_TRUE(put.bind(std::as_bytes(std::span(old_values))).run().ok());
  }
  const auto store = open_sqlite_store(path).value();
  const std::vector<float> values = {0.6F, -0.8F};
  ASSERT_TRUE(store->put_vectors(std::vector{ItemVector{ItemId("a"), {"text.new", 1, values}}}).ok());
  const auto vectors = store->vectors(ItemId("a")).value();
  ASSERT_EQ(vectors.size(), 2U);
  EXPECT_EQ(vectors[1].encoder, "text.old");
  EXPECT_EQ(vectors[1].values, old_values) << "to the bit";
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(vectors[0].values[i], values[i], 0x1.0p-11);
  std::size_t visited = 0;
  ASSERT_TRUE(store->each_vector([&](const ItemId&, StoredVector&&) { ++visited; }).ok());
  EXPECT_EQ(visited, 2U);
}

TEST(SqliteStore, VectorsTakeTheSpaceOfTheirPrecision) {
  using enum VectorPrecision;
  const TemporaryFolder folder;
  const auto path = folder / "catalogue.db";
  const std::vector<float> values(64, 0.125F);  // of unit length
  for (const auto& [precision, bytes] : {std::pair{kFloat, 256}, {kHalf, 129}, {kInt8, 69}}) {
    const auto store = open_sqlite_store(path, {.vectors = precision}).value();
    ASSERT_TRUE(store->put_items(std::vector{Item{.id = ItemId("a")}}).ok());
    ASSERT_TRUE(store->put_vectors(std::vector{ItemVector{ItemId("a"), {"text", 1, values}}}).ok());
    const auto file =
        sqlite::Database::open({.path = path, .application_id = 0x7a796361, .schema = kCatalogueSchema}).value();
    auto size = file->query("SELECT length(data) FROM vectors").value();
    ASSERT_TRUE(size.step().value());
    EXPECT_EQ(size.integer(0), bytes);
    const auto kept = store->vectors(ItemId("a")).value();
    for (const float value : kept.at(0).values) EXPECT_NEAR(value, 0.125F, 1e-3);
  }
}

// A child writes understandings until it is killed: after reopening, each is there whole or not at all.
TEST(SqliteStore, AnUnderstandingIsWholeOrAbsentAfterKill9) {
  const TemporaryFolder folder;
  const auto path = folder / "catalogue.db";
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const auto child = fork();
  if (child == 0) {
    close(ends[0]);
    alarm(20);  // should this test die first
    auto store = open_sqlite_store(path);
    if (!store.ok()) _exit(1);
    for (int i = 0;; ++i) {
      Item item;
      item.id = ItemId(std::to_string(i));
      Perception perception;
      perception.vectors.push_back({"sound", 1, std::vector<float>(512, 1.0F)});
      const Cover cover{"image/jpeg", std::string(20'000, 'x')};
      const ScannedFile file{"/" + item.id.value, 1, 1, "hash " + item.id.value, item.id};
      if (!(*store)->put_understanding({item, {item.id, {}, {}}, perception, {cover, {}, {}}, file}).ok()) _exit(1);
      if (write(ends[1], &i, sizeof i) != sizeof i) _exit(1);
    }
  }
  close(ends[1]);
  int acknowledged = -1;
  for (int i = 0; i < 30; ++i)
    ASSERT_EQ(read(ends[0], &acknowledged, sizeof acknowledged), ssize_t{sizeof acknowledged});
  kill(child, SIGKILL);
  while (read(ends[0], &acknowledged, sizeof acknowledged) == ssize_t{sizeof acknowledged}) continue;
  close(ends[0]);
  waitpid(child, nullptr, 0);

  const auto store = open_sqlite_store(path).value();
  const auto count = store->count_items().value();
  EXPECT_GT(count, acknowledged);
  for (int i = 0; i < count; ++i) {
    const ItemId id(std::to_string(i));
    EXPECT_EQ(store->vectors(id).value().size(), 1U);
    EXPECT_EQ(store->cover(id).value().value().bytes.size(), 20'000U);
    EXPECT_TRUE(store->file("/" + id.value).value().has_value());
  }
}

}  // namespace
}  // namespace zhiyin
