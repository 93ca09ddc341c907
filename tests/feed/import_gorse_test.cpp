// What Gorse exports: JSON lines, and its binary dump as other programs write it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "base/protobuf.h"
#include "feed/ingest/import.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr UnixSeconds kNow = 1'700'000'000;

struct Folder : TemporaryFolder {
  std::filesystem::path write(std::string_view name, std::string_view text) const {
    std::ofstream(*this / name, std::ios::binary) << text;
    return *this / name;
  }
};

constexpr std::string_view kUsers = R"({"UserId":"ann","Labels":["a"],"Comment":"first"}
{"UserId":"bob","Labels":null,"Comment":""}
)";
constexpr std::string_view kItems =
    R"({"ItemId":"i1","IsHidden":false,"Categories":["music"],"Timestamp":"2023-01-01T00:00:00Z","Labels":{"mood":["calm"]},"Comment":"A song"}
{"ItemId":"i2","IsHidden":true,"Categories":null,"Timestamp":"0001-01-01T00:00:00Z","Labels":null,"Comment":""}
)";
constexpr std::string_view kFeedback =
    R"({"FeedbackType":"star","UserId":"ann","ItemId":"i1","Value":1,"Timestamp":"2023-02-01T00:00:00Z","Comment":""}
{"FeedbackType":"read","UserId":"ann","ItemId":"i2","Value":3,"Timestamp":"2023-02-02T00:00:00Z","Comment":"slow"}
)";

void expect_the_small_world(const Imported& imported) {
  EXPECT_TRUE(imported.bad.empty()) << describe(imported.bad.front());
  ASSERT_EQ(imported.users.size(), 2U);
  EXPECT_EQ(imported.users[0].attributes.dump(), R"({"labels":["a"],"comment":"first"})");
  EXPECT_TRUE(imported.users[1].attributes.is_null());
  ASSERT_EQ(imported.items.size(), 2U);
  EXPECT_EQ(imported.items[0].title, "A song");
  EXPECT_THAT(imported.items[0].tags, ElementsAre("music"));
  EXPECT_EQ(imported.items[0].time, 1'672'531'200);
  EXPECT_EQ(imported.items[0].attributes.dump(), R"({"labels":{"mood":["calm"]}})");
  EXPECT_TRUE(imported.items[1].hidden);
  EXPECT_FALSE(imported.items[1].time.has_value());
  ASSERT_EQ(imported.events.size(), 2U);
  EXPECT_EQ(imported.events[0].type, EventType::kLike);
  EXPECT_EQ(imported.events[0].time, 1'675'209'600);
  const auto feedback = gorse::feedback_of(imported.events[1]);
  EXPECT_EQ(feedback.type, "read");
  EXPECT_EQ(feedback.value, 3);
  EXPECT_EQ(feedback.comment, "slow");
}

TEST(ImportGorse, ReadsAFolderOfThreeFiles) {
  const Folder folder;
  folder.write("users.jsonl", kUsers);
  folder.write("items.jsonl", kItems);
  folder.write("feedback.jsonl", kFeedback);
  expect_the_small_world(read_gorse(folder.path(), kNow).value());
}

TEST(ImportGorse, OrTheFilesOneByOne) {
  const Folder folder;
  EXPECT_EQ(read_gorse(folder.write("u.jsonl", kUsers), kNow).value().users.size(), 2U);
  EXPECT_EQ(read_gorse(folder.write("i.jsonl", kItems), kNow).value().items.size(), 2U);
  EXPECT_EQ(read_gorse(folder.write("f.jsonl", kFeedback), kNow).value().events.size(), 2U);
}

TEST(ImportGorse, SaysWhatItLookedFor) {
  const Folder folder;
  EXPECT_THAT(read_gorse(folder.path(), kNow).error().message, HasSubstr("feedback.jsonl"));
}

TEST(ImportGorse, BadRowsAreNamed) {
  const Folder folder;
  const auto imported = read_gorse(folder.write("f.jsonl", R"({"FeedbackType":"star","UserId":"ann","ItemId":"a/b"}
{"FeedbackType":"star","UserId":"ann","ItemId":"i1","Timestamp":"soon"}
{"FeedbackType":"star","UserId":"ann","ItemId":"i1"}
[1])"),
                                   kNow)
                            .value();
  EXPECT_EQ(imported.events.size(), 1U);
  ASSERT_EQ(imported.bad.size(), 3U);
  EXPECT_EQ(imported.bad[0].error.field, "ItemId");
  EXPECT_EQ(imported.bad[1].line, 2U);
}

TEST(ImportGorse, TheHomesRulesSayWhatATypeMeans) {
  const Folder folder;
  const auto rules = gorse::FeedbackRules::from({.positive = "read>=3"}).value();
  const auto imported = read_gorse(folder.write("f.jsonl", kFeedback), kNow, rules).value();
  EXPECT_EQ(imported.events[1].type, EventType::kLike);
}

// --- The dump.

std::string int64(std::int64_t value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string framed(ProtobufWriter message) {
  const auto bytes = message.take();
  return int64(static_cast<std::int64_t>(bytes.size())) + bytes;
}

ProtobufWriter timestamp(std::int64_t seconds) {
  ProtobufWriter time;
  time.integer(1, seconds);
  return time;
}

// first: the number of an id's field, 1 or 2, in messages that may have a namespace before it.
std::string dump(int first) {
  ProtobufWriter ann;
  ann.text(1, "ann");
  ann.text(2, R"(["a"])");
  ann.text(3, "first");
  ProtobufWriter bob;
  bob.text(1, "bob");
  bob.text(2, "null");

  ProtobufWriter song;
  song.text(first, "i1");
  song.text(first + 2, "music");
  song.message(first + 3, timestamp(1'672'531'200));
  song.text(first + 4, R"({"mood":["calm"]})");
  song.text(first + 5, "A song");
  ProtobufWriter hidden;
  hidden.text(first, "i2");
  hidden.integer(first + 1, 1);
  hidden.message(first + 3, timestamp(-62'135'596'800));
  hidden.text(first + 4, "null");

  ProtobufWriter star;
  star.text(first, "star");
  star.text(first + 1, "ann");
  star.text(first + 2, "i1");
  star.real64(first + 3, 1);
  star.message(first + 4, timestamp(1'675'209'600));
  ProtobufWriter read;
  read.text(first, "read");
  read.text(first + 1, "ann");
  read.text(first + 2, "i2");
  read.message(first + 3, timestamp(1'675'296'000));
  read.text(first + 5, "slow");
  read.real64(first + 6, 3);

  return int64(-1) + framed(std::move(ann)) + framed(std::move(bob)) + int64(-2) + framed(std::move(song)) +
         framed(std::move(hidden)) + int64(-3) + framed(std::move(star)) + framed(std::move(read)) + int64(0);
}

TEST(ImportGorse, ReadsTheBinaryDumpWithAndWithoutANamespace) {
  const Folder folder;
  expect_the_small_world(read_gorse(folder.write("a.dump", dump(1)), kNow).value());
  expect_the_small_world(read_gorse(folder.write("b.dump", dump(2)), kNow).value());
}

// A field that is 0 is not written: of the first moment of 1970 nothing is left.
TEST(ImportGorse, ATimeOfZeroIsATime) {
  const Folder folder;
  ProtobufWriter song;
  song.text(2, "i1");
  song.message(5, ProtobufWriter());
  song.text(6, "null");
  ProtobufWriter star;
  star.text(2, "star");
  star.text(3, "ann");
  star.text(4, "i1");
  star.message(5, ProtobufWriter());
  const auto bytes = int64(-2) + framed(std::move(song)) + int64(-3) + framed(std::move(star)) + int64(0);
  const auto imported = read_gorse(folder.write("zero.dump", bytes), kNow).value();
  EXPECT_TRUE(imported.bad.empty());
  ASSERT_EQ(imported.items.size(), 1U);
  ASSERT_EQ(imported.events.size(), 1U);
  EXPECT_EQ(imported.events[0].time, 0);
}

TEST(ImportGorse, ADumpCutOffAnywhereIsRefusedAsAWhole) {
  const Folder folder;
  const auto whole = dump(2);
  for (std::size_t size = 8; size < whole.size(); ++size) {
    const auto imported = read_gorse(folder.write("cut.dump", whole.substr(0, size)), kNow);
    ASSERT_FALSE(imported.ok()) << size;
    EXPECT_THAT(imported.error().message, HasSubstr("cut off")) << size;
  }
}

TEST(ImportGorse, AMessageOfAnotherShapeIsABadRowThatSaysWhatToDo) {
  const Folder folder;
  ProtobufWriter strange;
  strange.integer(1, 7);
  const auto imported = read_gorse(folder.write("d", int64(-3) + framed(std::move(strange)) + int64(0)), kNow).value();
  ASSERT_EQ(imported.bad.size(), 1U);
  EXPECT_THAT(imported.bad[0].error.message, HasSubstr("/api/bulk"));
  EXPECT_THAT(describe(imported.bad[0]), HasSubstr("(feedback):1"));
}

TEST(ImportGorse, OnceMoreChangesNothing) {
  const Folder folder;
  World world;
  const auto path = folder.write("a.dump", dump(2));
  const auto first = import_all(read_gorse(path, kNow).value(), *world.ingest, *world.store, false).value();
  EXPECT_EQ(first.users, 2);
  EXPECT_EQ(first.items, 2);
  EXPECT_EQ(first.events, 2);
  const auto second = import_all(read_gorse(path, kNow).value(), *world.ingest, *world.store, false).value();
  EXPECT_EQ(second.events, 0);
  EXPECT_EQ(second.duplicates, 2);
  EXPECT_EQ(world.store->count_users().value(), 2);
}

}  // namespace
}  // namespace zhiyin
