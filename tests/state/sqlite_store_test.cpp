// What the SQLite store does with a file that is not its own, and when it is killed between two parts of one call.
#include "state/store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/file.h"
#include "state/bus/local/local_event_log.h"
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
