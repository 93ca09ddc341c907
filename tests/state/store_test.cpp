// What every store promises, whatever keeps it.
#include "state/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "state/store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using ::testing::ElementsAre;

struct Backend {
  const char* name;
  Result<std::unique_ptr<Store>> (*open)(const std::filesystem::path& folder);
  friend std::ostream& operator<<(std::ostream& out, const Backend& backend) { return out << backend.name; }
};

Result<std::unique_ptr<Store>> open_sqlite(const std::filesystem::path& folder) {
  return open_sqlite_store(folder / "catalogue.db");
}

Item item(std::string id, std::string title = "") {
  Item made;
  made.id = ItemId(std::move(id));
  made.title = std::move(title);
  return made;
}

Item full_item() {
  Item made = item("高山", "Mountains");
  made.text = "two\nlines";
  made.tags = {"guqin", "say \"hi\""};
  made.creator = "Bo Ya";
  made.url = "https://example.org/1";
  made.time = -86'400;
  made.hidden = true;
  made.attributes = Json::parse(R"({"year":1955,"mood":["calm"]})").value();
  made.media = {MediaKind::kVideo, "/media/a.mp4", "abc123", "video/mp4", 12.5, true, true, {"guitar", "person"}};
  return made;
}

class StoreTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    store_.reset();
    auto opened = GetParam().open(folder_.path());
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(opened).value();
  }
  void put(const std::vector<Item>& items) { expect_ok(store_->put_items(items)); }
  static void expect_ok(const Result<void>& result) { EXPECT_TRUE(result.ok()) << result.error().message; }
  std::vector<std::string> item_ids() {
    std::vector<std::string> ids;
    expect_ok(store_->each_item([&](Item&& seen) { ids.push_back(seen.id.value); }));
    return ids;
  }
  void understand(const Item& of, std::vector<StoredVector> vectors, std::optional<Cover> cover,
                  const std::string& path) {
    Item made = of;
    made.media.content_hash = "hash of " + path;
    made.media.kind = MediaKind::kAudio;
    made.media.path = path;
    expect_ok(store_->put_understanding({.item = made,
                                         .words = {made.id, {}, {}},
                                         .perception = {.vectors = std::move(vectors)},
                                         .pictures = {.cover = std::move(cover), .small = {}, .preview = {}},
                                         .file = {path, 10, 20, "hash of " + path, of.id}}));
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreTest, KeepsEveryFieldOfAnItemAcrossReopening) {
  const auto put_in = full_item();
  put({put_in});
  reopen();
  const auto got = store_->item(put_in.id).value();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(to_json(*got).dump(), to_json(put_in).dump());
  EXPECT_EQ(got->media.kind, MediaKind::kVideo);
  EXPECT_EQ(got->media.path, "/media/a.mp4");
  EXPECT_EQ(got->media.content_hash, "abc123");
  EXPECT_EQ(got->media.content_type, "video/mp4");
  EXPECT_EQ(got->media.duration_s, 12.5);
  EXPECT_TRUE(got->media.has_cover);
  EXPECT_TRUE(got->media.has_preview);
  EXPECT_THAT(got->media.tags, ElementsAre("guitar", "person"));
}

TEST_P(StoreTest, AnItemWithNothingButAnIdComesBackAsIs) {
  put({item("a")});
  const auto got = store_->item(ItemId("a")).value().value();
  EXPECT_FALSE(got.time.has_value());
  EXPECT_TRUE(got.attributes.is_null());
  EXPECT_TRUE(got.tags.empty());
}

TEST_P(StoreTest, UnknownIdsAreNotErrors) {
  EXPECT_FALSE(store_->item(ItemId("none")).value().has_value());
  EXPECT_FALSE(store_->user(UserId("none")).value().has_value());
  EXPECT_FALSE(store_->cover(ItemId("none")).value().has_value());
  EXPECT_FALSE(store_->file("/none").value().has_value());
  EXPECT_TRUE(store_->vectors(ItemId("none")).value().empty());
  expect_ok(store_->erase_item(ItemId("none")));
  expect_ok(store_->erase_user(UserId("none")));
  expect_ok(store_->erase_report("/none"));
}

TEST_P(StoreTest, AnItemKeepsItsRankThroughUpdates) {
  put({item("c"), item("a"), item("b")});
  put({item("a", "new title"), item("d")});
  EXPECT_THAT(item_ids(), ElementsAre("c", "a", "b", "d"));
  EXPECT_EQ(store_->item(ItemId("a")).value()->title, "new title");
  EXPECT_EQ(store_->count_items().value(), 4);
}

TEST_P(StoreTest, AnErasedItemComesBackAtTheEnd) {
  put({item("a"), item("b")});
  expect_ok(store_->erase_item(ItemId("b")));
  put({item("c"), item("b")});
  EXPECT_THAT(item_ids(), ElementsAre("a", "c", "b"));
}

TEST_P(StoreTest, ErasingAnItemTakesAllThatWasUnderstood) {
  understand(item("a"), {{"sound", 1, {1, 2}}}, Cover{"image/png", "png"}, "/a.ogg");
  expect_ok(store_->erase_item(ItemId("a")));
  put({item("a")});
  EXPECT_TRUE(store_->vectors(ItemId("a")).value().empty());
  EXPECT_FALSE(store_->cover(ItemId("a")).value().has_value());
  EXPECT_FALSE(store_->file("/a.ogg").value().has_value()) << "the next scan takes the file up again";
}

TEST_P(StoreTest, KeepsUsers) {
  User ann{UserId("ann"), "Ann", Json::object({{"age", 30}})};
  expect_ok(store_->put_users(std::vector{ann, User{UserId("bob"), "", {}}}));
  ann.name = "Anna";
  expect_ok(store_->put_users(std::vector{ann}));
  EXPECT_EQ(to_json(store_->user(UserId("ann")).value().value()).dump(), to_json(ann).dump());
  EXPECT_EQ(store_->count_users().value(), 2);
  expect_ok(store_->erase_user(UserId("bob")));
  std::vector<std::string> ids;
  expect_ok(store_->each_user([&](User&& user) { ids.push_back(user.id.value); }));
  EXPECT_THAT(ids, ElementsAre("ann"));
}

TEST_P(StoreTest, UnderstandingIsWrittenWhole) {
  const std::string picture("\x89PNG\0\x01", 6);
  understand(full_item(), {{"sound.mfcc", 2, {0.5F, -1.25F, 3e-5F}}, {"text.use", 1, {}}}, Cover{"image/png", picture},
             "/a.mp4");
  reopen();
  const auto vectors = store_->vectors(full_item().id).value();
  ASSERT_EQ(vectors.size(), 2U);
  EXPECT_EQ(vectors[0].encoder, "sound.mfcc");
  EXPECT_EQ(vectors[0].version, 2);
  EXPECT_THAT(vectors[0].values, ElementsAre(0.5F, -1.25F, testing::FloatNear(3e-5F, 1e-7F)));
  EXPECT_TRUE(vectors[1].values.empty());
  EXPECT_EQ(store_->cover(full_item().id).value()->bytes, picture);
  EXPECT_EQ(store_->cover(full_item().id).value()->content_type, "image/png");
  EXPECT_EQ(store_->file("/a.mp4").value()->item, full_item().id);
  EXPECT_FALSE(store_->file_by_hash("hash of /a.mp4", "/a.mp4").value().has_value());
  EXPECT_EQ(store_->file_by_hash("hash of /a.mp4", "").value()->path, "/a.mp4");
}

TEST_P(StoreTest, NewUnderstandingReplacesTheSameEncoderAndTheCover) {
  understand(item("a"), {{"sound", 1, {1}}, {"text", 1, {2}}}, Cover{"image/png", "old"}, "/a.ogg");
  understand(item("a"), {{"sound", 2, {3, 4}}}, std::nullopt, "/a.ogg");
  const auto vectors = store_->vectors(ItemId("a")).value();
  ASSERT_EQ(vectors.size(), 2U);
  EXPECT_EQ(vectors[0].version, 2);
  EXPECT_THAT(vectors[0].values, ElementsAre(3, 4));
  EXPECT_THAT(vectors[1].values, ElementsAre(2));
  EXPECT_FALSE(store_->cover(ItemId("a")).value().has_value());
}

TEST_P(StoreTest, AnEncoderThatFindsNothingAnyMoreLosesItsVectorAndOthersKeepTheirs) {
  Understood first{.item = item("a"),
                   .words = {ItemId("a"), {{"text.hash", 1, {1}}}, {{"text.hash", 1}}},
                   .perception = {},
                   .pictures = {},
                   .file = {"/a", 1, 1, "h", ItemId("a")}};
  first.perception.vectors = {{"sound", 1, {2}}};
  first.perception.runs = {{"sound", 1, 0.5, ""}};
  expect_ok(store_->put_understanding(first));
  expect_ok(store_->put_vectors(std::vector{ItemVector{ItemId("a"), StoredVector{"imported.x", 1, {3}}}}));
  auto second = first;
  second.perception.vectors.clear();
  second.perception.runs[0].version = 2;
  second.words.vectors.clear();
  expect_ok(store_->put_understanding(second));
  const auto vectors = store_->vectors(ItemId("a")).value();
  ASSERT_EQ(vectors.size(), 1U);
  EXPECT_EQ(vectors[0].encoder, "imported.x");
}

TEST_P(StoreTest, RemembersWhichEncodersHaveSeenAndReadAnItem) {
  Understood understood{.item = item("a"),
                        .words = {ItemId("a"), {}, {{"text.hash", 1}}},
                        .perception = {},
                        .pictures = {},
                        .file = {"/a", 1, 1, "h", ItemId("a")}};
  understood.perception.runs = {{"sound", 3, 0.5, ""}, {"model:absent", 0, 0, "not there"}};
  expect_ok(store_->put_understanding(understood));
  expect_ok(store_->put_words(std::vector{item("a", "new title")},
                              std::vector{ItemWords{ItemId("a"), {{"text.hash", 2, {1}}}, {{"text.hash", 2}}}}));
  put({item("b")});
  std::vector<std::string> seen;
  expect_ok(store_->each_understood(
      [&](const ItemId& id, const EncoderVersions& by) { seen.push_back(id.value + ": " + to_text(by)); }));
  EXPECT_THAT(seen, ElementsAre("a: sound@3 text.hash@2", "b: "));
  EXPECT_EQ(to_text(store_->understood_by(ItemId("a")).value()), "sound@3 text.hash@2");
  EXPECT_EQ(store_->item(ItemId("a")).value()->title, "new title");
}

TEST_P(StoreTest, AMovedFileTakesItsItemAlongAndALostOneLeavesItWithoutAPath) {
  understand(item("a"), {}, std::nullopt, "/a.ogg");
  expect_ok(store_->move_file("/a.ogg", {"/b.ogg", 10, 20, "hash of /a.ogg", ItemId("a")}));
  EXPECT_FALSE(store_->file("/a.ogg").value().has_value());
  EXPECT_EQ(store_->item(ItemId("a")).value()->media.path, "/b.ogg");
  expect_ok(store_->put_file({"/copy.ogg", 10, 20, "hash of /a.ogg", ItemId("a")}));
  expect_ok(store_->erase_file("/b.ogg"));
  EXPECT_EQ(store_->item(ItemId("a")).value()->media.path, "/copy.ogg") << "a copy takes over";
  expect_ok(store_->erase_file("/copy.ogg"));
  const auto lost = store_->item(ItemId("a")).value().value();
  EXPECT_TRUE(lost.media.gone());
  EXPECT_FALSE(lost.shown());
  EXPECT_EQ(store_->item_by_hash("hash of /a.ogg").value(), ItemId("a")) << "known again when the bytes return";
  EXPECT_FALSE(store_->item_by_hash("").value().has_value());
}

TEST_P(StoreTest, KeepsTheSmallCoverAndThePreview) {
  Understood understood{.item = item("a"),
                        .words = {ItemId("a"), {}, {}},
                        .perception = {},
                        .pictures = {},
                        .file = {"/a", 1, 1, "h", ItemId("a")}};
  understood.pictures.small = Cover{"image/jpeg", "small"};
  understood.pictures.preview = Cover{"image/webp", "moving"};
  expect_ok(store_->put_understanding(understood));
  EXPECT_EQ(store_->picture(ItemId("a"), Picture::kSmall).value()->bytes, "small");
  EXPECT_EQ(store_->picture(ItemId("a"), Picture::kPreview).value()->content_type, "image/webp");
  EXPECT_FALSE(store_->cover(ItemId("a")).value().has_value());
  understood.pictures.preview.reset();
  expect_ok(store_->put_understanding(understood));
  EXPECT_FALSE(store_->picture(ItemId("a"), Picture::kPreview).value().has_value());
}

TEST_P(StoreTest, VectorsOfAnUnknownItemAreRefused) {
  const auto put_in = store_->put_vectors(std::vector{ItemVector{ItemId("none"), StoredVector{"text", 1, {1}}}});
  ASSERT_FALSE(put_in.ok());
  EXPECT_EQ(put_in.error().code, ErrorCode::kNotFound);
}

TEST_P(StoreTest, VisitsVectorsInTheOrderOfItems) {
  put({item("b"), item("a")});
  expect_ok(store_->put_vectors(std::vector{ItemVector{ItemId("a"), StoredVector{"text", 1, {1}}}}));
  expect_ok(store_->put_vectors(std::vector{ItemVector{ItemId("b"), StoredVector{"text", 1, {2}}},
                                            ItemVector{ItemId("b"), StoredVector{"sound", 1, {3}}}}));
  std::vector<std::string> seen;
  expect_ok(store_->each_vector(
      [&](const ItemId& id, StoredVector&& vector) { seen.push_back(id.value + " " + vector.encoder); }));
  EXPECT_THAT(seen, ElementsAre("b sound", "b text", "a text"));
}

TEST_P(StoreTest, KeepsFilesAndReports) {
  expect_ok(store_->put_file({"/a", 1, 2, "h", ItemId("a")}));
  expect_ok(store_->put_file({"/a", 3, 4, "h2", ItemId("a")}));
  EXPECT_EQ(store_->file("/a").value()->size, 3);
  EXPECT_FALSE(store_->file_by_hash("h", "").value().has_value());
  expect_ok(store_->put_report({"/b", "no audio or video stream", 5, std::numeric_limits<std::int64_t>::max(), ""}));
  expect_ok(store_->put_report({"/a", "file is empty", 0, 1, ""}));
  expect_ok(store_->put_report({"/b", "truncated", 6, 7, "decoder 2"}));
  auto reports = store_->reports().value();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].path, "/a");
  EXPECT_EQ(reports[1].reason, "truncated");
  EXPECT_EQ(reports[1].modified_ns, 7);
  EXPECT_EQ(reports[1].tried_with, "decoder 2");
  expect_ok(store_->erase_report("/b"));
  EXPECT_EQ(store_->reports().value().size(), 1U);
}

TEST_P(StoreTest, AVisitorMayCallTheStore) {
  put({item("a"), item("b")});
  int visits = 0;
  expect_ok(store_->each_item([&](Item&& seen) {
    ++visits;
    seen.title = "seen";
    put({seen, item(seen.id.value + "2")});
    EXPECT_EQ(store_->item(seen.id).value()->title, "seen");
  }));
  EXPECT_EQ(visits, 2) << "a visit sees the moment it began";
  EXPECT_EQ(store_->count_items().value(), 4);
}

TEST_P(StoreTest, ThreadsReadAndWriteTogether) {
  put({item("shared")});
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i) {
        put({item(std::to_string(thread) + "-" + std::to_string(i)), item("shared", std::to_string(thread))});
        const auto got = store_->item(ItemId("shared"));
        EXPECT_TRUE(got.ok() && got->has_value());
        EXPECT_TRUE(store_->count_items().ok());
      }
    });
  }
  threads.clear();
  EXPECT_EQ(store_->count_items().value(), 101);
}

INSTANTIATE_TEST_SUITE_P(Store, StoreTest, ::testing::Values(Backend{"sqlite", open_sqlite}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace zhiyin
