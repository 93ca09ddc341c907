// A home as one file, and back: taken while others write, whole or refused.
#include "app/operate/backup.h"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "app/operate/archive.h"
#include "app/operate/home.h"
#include "app/operate/restore.h"
#include "base/file.h"
#include "base/json.h"
#include "support/program.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const FixedClock kClock{1'700'000'000};

// A home with three items, some events, a snapshot and settings.
class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    auto home = open_home(home_, HomeMode::kCreate).value();
    std::vector<Item> items;
    for (const auto* id : {"a", "b", "c"}) items.push_back({.id = ItemId(id), .title = id});
    EXPECT_TRUE(home.store->put_items(items).ok());
    std::vector<Event> events;
    for (int i = 0; i < 20; ++i) events.push_back(event(i));
    EXPECT_TRUE(home.log->append(events).ok());
    EXPECT_TRUE(train(home_, *home.store, *home.log, kClock, {.models = {"pop"}}).ok());
    EXPECT_TRUE(write_file_atomic(home_ / "zhiyin.toml", "[serve]\nport = 1\n").ok());
  }

  static Event event(int i) {
    return {.id = "e" + std::to_string(i),
            .type = EventType::kLike,
            .user = UserId("u" + std::to_string(i % 5)),
            .item = ItemId(i % 2 == 0 ? "a" : "b"),
            .time = 1'600'000'000 + i};
  }

  Result<RestoreReport> restore_bytes(const std::string& bytes, const std::string& name) {
    std::ofstream(folder_ / "changed.tar", std::ios::binary) << bytes;
    return restore(folder_ / "changed.tar", folder_ / name);
  }

  TemporaryFolder folder_;
  fs::path home_ = folder_ / "home";
  fs::path file_ = folder_ / "backup.tar";
};

TEST_F(BackupTest, BringsBackAllOfAHome) {
  const auto taken = back_up(home_, file_, kClock);
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  EXPECT_EQ(taken->offset, 20);
  EXPECT_EQ(taken->items, 3);
  const auto back = restore(file_, folder_ / "again");
  ASSERT_TRUE(back.ok()) << back.error().message;
  const auto home = open_home(folder_ / "again", HomeMode::kMustExist).value();
  EXPECT_EQ(home.log->last_offset().value(), 20);
  EXPECT_EQ(home.store->count_items().value(), 3);
  EXPECT_EQ(load_current_snapshot(home.path).value()->id, taken->snapshot);
  EXPECT_EQ(read_file(home.path / "zhiyin.toml").value(), "[serve]\nport = 1\n");
  EXPECT_FALSE(fs::exists(home.path / "restore.part"));
  EXPECT_FALSE(fs::exists(file_.string() + ".parts"));
}

TEST_F(BackupTest, TakenWhileEventsAndItemsComeFitsTogether) {
  auto home = open_home(home_, HomeMode::kMustExist).value();
  std::atomic<bool> done{false};
  std::atomic<int> written{0};
  std::jthread writer([&] {
    for (int i = 100; !done; ++i) {
      const Item item{.id = ItemId("item" + std::to_string(i)), .title = "new"};
      ASSERT_TRUE(home.store->put_items({&item, 1}).ok());
      auto seen = event(i);
      seen.item = item.id;
      ASSERT_TRUE(home.log->append({&seen, 1}).ok());
      ++written;
    }
  });
  while (written < 3) std::this_thread::yield();
  const auto taken = back_up(home_, file_, kClock);
  const int until = written;
  done = true;
  writer.join();
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  EXPECT_GE(taken->offset, 23);
  EXPECT_LE(taken->offset, 20 + until + 1);
  ASSERT_TRUE(restore(file_, folder_ / "again").ok());
  const auto again = open_home(folder_ / "again", HomeMode::kMustExist).value();
  int events = 0;
  ASSERT_TRUE(again.log
                  ->replay(0,
                           [&](const LoggedEvent& logged) {
                             ++events;
                             EXPECT_TRUE(again.store->item(logged.event.item).value().has_value());
                           })
                  .ok());
  EXPECT_EQ(events, taken->offset);
}

TEST_F(BackupTest, AFileThatIsCutOffIsRefusedAndLeavesNoHome) {
  ASSERT_TRUE(back_up(home_, file_, kClock).ok());
  const auto bytes = read_file(file_).value();
  // The two empty blocks that end a tar, and what fills the last record, may be missing: all is there without them.
  const auto content = bytes.find_last_not_of('\0') + 1;
  for (const double part : {0.0, 0.001, 0.1, 0.5, 0.9, 0.999}) {
    const auto length = static_cast<std::size_t>(static_cast<double>(content) * part);
    const auto back = restore_bytes(bytes.substr(0, length), "again");
    ASSERT_FALSE(back.ok()) << length << " of " << bytes.size();
    EXPECT_EQ(back.error().code, ErrorCode::kCorrupt) << back.error().message;
    EXPECT_FALSE(fs::exists(folder_ / "again"));
  }
}

TEST_F(BackupTest, AFlippedByteIsRefusedOrChangesNothing) {
  ASSERT_TRUE(back_up(home_, file_, kClock).ok());
  const auto bytes = read_file(file_).value();
  const auto sums = read_archive(file_).value();
  int refused = 0;
  constexpr std::size_t kFlips = 400;
  for (std::size_t i = 0; i < kFlips; ++i) {
    auto changed = bytes;
    changed[i * bytes.size() / kFlips] ^= 0x10;
    std::ofstream(folder_ / "changed.tar", std::ios::binary) << changed;
    const auto read = read_archive(folder_ / "changed.tar");
    if (read.ok()) {
      EXPECT_EQ(*read, sums);  // what fills a block up
    } else {
      EXPECT_EQ(read.error().code, ErrorCode::kCorrupt) << read.error().message;
      ++refused;
    }
  }
  EXPECT_GT(refused, static_cast<int>(kFlips) / 2);
}

TEST_F(BackupTest, AHomeThatHoldsSomethingIsSetAsideOnlyWhenAsked) {
  ASSERT_TRUE(back_up(home_, file_, kClock).ok());
  const auto refused = restore(file_, home_);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("--force"));
  const auto more = event(500);
  ASSERT_TRUE(open_home(home_, HomeMode::kMustExist)->log->append({&more, 1}).ok());
  const auto back = restore(file_, home_, {.force = true});
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(open_home(home_, HomeMode::kMustExist)->log->last_offset().value(), 20);
  EXPECT_EQ(open_home(back->set_aside, HomeMode::kMustExist)->log->last_offset().value(), 21) << "nothing is lost";
}

TEST_F(BackupTest, AHomeInUseIsNotTakenFromUnderItsProgram) {
  ASSERT_TRUE(back_up(home_, file_, kClock).ok());
  const auto running = open_home(home_, HomeMode::kMustExist).value();
  ASSERT_EQ(running.log->last_offset().value(), 20);
  const auto refused = restore(file_, home_, {.force = true});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("stop it first"));
  EXPECT_EQ(running.log->last_offset().value(), 20);
}

TEST_F(BackupTest, ANewerFormatIsRefusedByName) {
  const auto archive = ArchiveWriter::create(file_).value();
  ASSERT_TRUE(archive->add_bytes("manifest.json", R"({"format":99,"version":"9.9"})").ok());
  ASSERT_TRUE(archive->finish().ok());
  const auto refused = restore(file_, folder_ / "again");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("zhiyin 9.9"));
}

TEST_F(BackupTest, IsForItsOwnersEyesAndSoIsWhatWas) {
  fs::permissions(home_ / "zhiyin.toml", fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(back_up(home_, file_, kClock).ok());
  ASSERT_TRUE(restore(file_, folder_ / "again").ok());
  constexpr auto kOwner = fs::perms::owner_read | fs::perms::owner_write;
  EXPECT_EQ(fs::status(file_).permissions(), kOwner);
  EXPECT_EQ(fs::status(folder_ / "again" / "zhiyin.toml").permissions(), kOwner);
}

TEST_F(BackupTest, NamesThatLeaveTheFolderAreRefused) {
  for (const auto* name : {"../evil", "/etc/evil", "a/../../evil", "a//b"}) {
    {
      const auto archive = ArchiveWriter::create(file_).value();
      ASSERT_TRUE(archive->add_bytes(name, "x").ok());
      ASSERT_TRUE(archive->finish().ok());
    }
    EXPECT_FALSE(restore(file_, folder_ / "again").ok()) << name;
    EXPECT_FALSE(fs::exists(folder_ / "evil"));
  }
}

TEST_F(BackupTest, AnotherFileIsNotOverwrittenByChance) {
  ASSERT_TRUE(write_file_atomic(file_, "dear diary").ok());
  EXPECT_FALSE(back_up(home_, file_, kClock).ok());
  EXPECT_EQ(read_file(file_).value(), "dear diary");
  EXPECT_TRUE(back_up(home_, file_, kClock, {.replace = true}).ok());
}

TEST_F(BackupTest, IsAVerbThatOtherToolsCanRead) {
  const auto home = home_.string();
  const auto taken = run_program({"--home", home, "--json", "backup", file_.string()});
  ASSERT_EQ(taken.exit_code, 0) << taken.errors;
  EXPECT_EQ(Json::parse(taken.output).value()["offset"].as_integer(), 20);
  ASSERT_EQ(std::system(("cd " + folder_.path().string() +
                         " && mkdir out && tar xf backup.tar -C out && cd out && sha256sum --quiet -c SHA256SUMS")
                            .c_str()),
            0);
  const auto back = run_program({"--home", (folder_ / "again").string(), "--json", "restore", file_.string()});
  ASSERT_EQ(back.exit_code, 0) << back.errors;
  EXPECT_EQ(Json::parse(back.output).value()["items"].as_integer(), 3);
  EXPECT_EQ(run_program({"--home", (folder_ / "again").string(), "restore", file_.string()}).exit_code, 1);
}

}  // namespace
}  // namespace zhiyin
