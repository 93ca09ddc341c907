#include "feed/snapshot/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "support/temporary_folder.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using ::testing::HasSubstr;

void small_home(World& world) {
  world.items("a A cat | animals\nb A dog | animals\nc A car | machines");
  world.events("ann like a\nann like b\nbob like b\nbob like c\ncid like a\ncid like b");
}

// Flips one bit in the middle of the file.
void damage(const std::filesystem::path& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(0, std::ios::end);
  const auto middle = file.tellg() / 2;
  file.seekg(middle);
  const char byte = static_cast<char>(file.get() ^ 1);
  file.seekp(middle);
  file.put(byte);
}

TEST(Snapshot, ScoresTheSameAfterSavingAndLoading) {
  World world;
  small_home(world);
  world.train({"pop", "itemknn", "ials", "ease"});
  const auto first = load_current_snapshot(world.folder.path()).value();
  const auto again = load_snapshot(world.folder / "snapshots" / first->id).value();
  ASSERT_EQ(first->models.size(), 4U);
  for (const auto& [name, model] : first->models) {
    std::vector<float> a(3);
    std::vector<float> b(3);
    model->score({{0}, {1.0F}, {}}, a);
    again->model(name)->score({{0}, {1.0F}, {}}, b);
    EXPECT_EQ(a, b) << name;
  }
  EXPECT_EQ(first->offset, 6);
}

TEST(Snapshot, AFlippedBitIsRefusedAndThePreviousSnapshotServes) {
  World world;
  small_home(world);
  world.train();
  const auto previous = load_current_snapshot(world.folder.path()).value()->id;
  world.events("dan like a");
  world.train();
  const auto current = load_current_snapshot(world.folder.path()).value()->id;
  ASSERT_NE(previous, current);
  damage(world.folder / "snapshots" / current / "model-ials.safetensors");
  const auto refused = load_snapshot(world.folder / "snapshots" / current);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(refused.error().message, HasSubstr("model-ials.safetensors"));
  EXPECT_EQ(load_current_snapshot(world.folder.path()).value()->id, previous);
}

TEST(Snapshot, AHalfWrittenOneIsNeverServed) {
  World world;
  small_home(world);
  world.train();
  const auto current = load_current_snapshot(world.folder.path()).value()->id;
  std::filesystem::create_directories(world.folder / "snapshots" / "99990101T000000-0000000009.part");
  EXPECT_EQ(load_current_snapshot(world.folder.path()).value()->id, current);
}

TEST(Snapshot, AHomeWithoutOneSaysHowToMakeOne) {
  const World world;
  const auto none = load_current_snapshot(world.folder.path());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("zhiyin train"));
}

TEST(Snapshot, ANewerFormatIsRefusedByName) {
  World world;
  small_home(world);
  world.train();
  const auto id = load_current_snapshot(world.folder.path()).value()->id;
  const auto manifest = world.folder / "snapshots" / id / "manifest.json";
  auto text = read_file(manifest).value();
  text.replace(text.find("\"format\": 1"), 11, "\"format\": 9");
  ASSERT_TRUE(write_file_atomic(manifest, text).ok());
  const auto refused = load_snapshot(world.folder / "snapshots" / id);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("newer version"));
}

TEST(SnapshotIds, ATakenOneIsCountedOnAndSortsLater) {
  const TemporaryFolder home;
  EXPECT_EQ(unused_snapshot_id(home.path(), "20260101T000000-0000000007"), "20260101T000000-0000000007");
  std::filesystem::create_directories(home / "snapshots/20260101T000000-0000000007");
  EXPECT_EQ(unused_snapshot_id(home.path(), "20260101T000000-0000000007"), "20260101T000000-0000000007-001");
  std::filesystem::create_directories(home / "snapshots/20260101T000000-0000000007-001");
  EXPECT_EQ(unused_snapshot_id(home.path(), "20260101T000000-0000000007"), "20260101T000000-0000000007-002");
}

}  // namespace
}  // namespace zhiyin
