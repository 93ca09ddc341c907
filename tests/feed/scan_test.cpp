// What a scan does with files that come, stay, move, change, go and break; with encoders that change under it.
#include "feed/ingest/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "base/file.h"
#include "feed/recommend/search.h"
#include "support/media_files.h"
#include "support/places.h"
#include "support/world.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Hears how loud a file is, names a tag and says a sentence; counts how often it was asked.
class Loudness final : public Sense {
 public:
  Loudness(std::string name, int version, std::atomic<int>& asked)
      : name_(std::move(name)), version_(version), asked_(asked) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] int version() const override { return version_; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override {
    ++asked_;
    float loudest = 0;
    for (const auto sample : decoded.music.samples) loudest = std::max(loudest, sample);
    found.vectors.push_back({name_, version_, {loudest, static_cast<float>(version_)}});
    found.tags.push_back({name_ + " tone", 0.9, name_});
    found.tags.push_back({"perhaps a whale", 0.1, name_});
    found.facts.set(name_ + ".loudest", loudest);
    if (version_ == 1) found.facts.set("only the first said", true);
    found.passages.push_back({"speech", 0, 1, "mountains and rivers", 1, name_});
    if (loudest == 0) return invalid("nothing can be heard");
    return {};
  }

 private:
  std::string name_;
  int version_;
  std::atomic<int>& asked_;
};

class Scan : public ::testing::Test {
 protected:
  Scan() {
    fs::create_directories(music());
    set_senses({{"sound.a", 1}});
  }

  void set_senses(const std::vector<std::pair<std::string, int>>& senses) {
    world.encoders.senses.clear();
    for (const auto& [name, version] : senses)
      world.encoders.senses.push_back(std::make_unique<Loudness>(name, version, asked));
  }

  fs::path music() const { return folder / "music"; }
  fs::path write(const std::string& name, double hz, double seconds = 0.2) const {
    fs::create_directories((music() / name).parent_path());
    std::ofstream(music() / name, std::ios::binary) << wav_bytes(tone(hz, seconds, 8000));
    return music() / name;
  }

  ScanReport run(const DecodeLimits& limits = {}, int threads = 2, const std::stop_token& stop = {}) {
    Ingest ingest(*world.store, *world.log, nullptr, world.encoders, {.decode = limits, .worker = program_path()});
    auto report = scan(std::vector{music()}, ingest, *world.store, {.threads = threads, .stop = stop, .ready = {}});
    if (!report.ok()) throw std::runtime_error(report.error().message);
    return *report;
  }

  Item item_of(const fs::path& path) {
    return world.store->item(world.store->file(path.string()).value().value().item).value().value();
  }
  std::vector<std::string> search(std::string_view query) {
    world.refresh();
    std::vector<std::string> ids;
    const auto answer = search_items(*world.view, world.encoders.text, query, 10, Language::kEnglish).value();
    for (const auto& found : answer) ids.push_back(found.item.value);
    return ids;
  }

  std::atomic<int> asked{0};
  World world;
  TemporaryFolder folder;
};

TEST_F(Scan, TakesNewFilesInAndOnlyLooksAtThemAfterwards) {
  const auto a = write("Blues/01_slow-song.wav", 440);
  write("b.wav", 550);
  auto report = run();
  EXPECT_EQ(report.files, 2);
  EXPECT_EQ(report.analysed, 2);
  EXPECT_EQ(asked, 2);
  const auto item = item_of(a);
  EXPECT_EQ(item.title, "slow song");
  EXPECT_THAT(item.tags, ElementsAre("Blues"));
  EXPECT_EQ(item.media.kind, MediaKind::kAudio);
  report = run();
  EXPECT_EQ(report.unchanged, 2);
  EXPECT_EQ(report.analysed, 0);
  EXPECT_EQ(asked, 2);
}

TEST_F(Scan, TellsWhatEachEncoderCost) {
  write("a.wav", 440);
  const auto report = run();
  std::vector<std::string> names;
  for (const auto& cost : report.costs) {
    names.push_back(cost.encoder);
    EXPECT_EQ(cost.files, 1) << cost.encoder;
    EXPECT_GE(cost.cpu_s, 0) << cost.encoder;
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("decode", "sound.a", "text.hash"));
  EXPECT_EQ(names.front(), "decode") << "a process of its own is the dearest";
  EXPECT_GT(report.decode_s, 0);
}

TEST_F(Scan, TheSameBytesAreAnalysedOnceHoweverManyFilesHoldThem) {
  const auto a = write("a.wav", 440);
  for (int i = 0; i < 5; ++i) fs::copy_file(a, music() / ("copy" + std::to_string(i) + ".wav"));
  const auto report = run({}, 4);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(report.analysed, 1);
  EXPECT_EQ(report.unchanged, 5);
  EXPECT_EQ(world.store->count_items().value(), 1);
}

TEST_F(Scan, AMovedFileKeepsItsIdentityAndItsItemFollows) {
  const auto a = write("a.wav", 440);
  run();
  const auto before = item_of(a);
  fs::create_directories(music() / "elsewhere");
  fs::rename(a, music() / "elsewhere" / "b.wav");
  const auto report = run();
  EXPECT_EQ(report.moved, 1);
  EXPECT_EQ(report.gone, 0);
  EXPECT_EQ(asked, 1);
  const auto after = item_of(music() / "elsewhere" / "b.wav");
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.media.path, (music() / "elsewhere" / "b.wav").string());
  EXPECT_EQ(after.title, before.title);
  EXPECT_FALSE(world.store->file(a.string()).value().has_value());
}

TEST_F(Scan, AFileThatIsGoneLeavesItsItemOutOfAnswersUntilItsBytesReturn) {
  const auto a = write("a.wav", 440);
  write("b.wav", 550);
  run();
  const auto id = item_of(a).id;
  const auto bytes = read_file(a).value();
  fs::remove(a);
  EXPECT_EQ(run().gone, 1);
  auto item = world.store->item(id).value().value();
  EXPECT_TRUE(item.media.gone());
  EXPECT_FALSE(item.hidden) << "that word is the owner's";
  EXPECT_EQ(world.store->vectors(id).value().size(), 2U) << "what was understood is kept";
  EXPECT_THAT(search("sound.a tone"), ::testing::Not(::testing::Contains(id.value)));
  ASSERT_TRUE(write_file_atomic(music() / "back.wav", bytes).ok());
  EXPECT_EQ(run().moved, 1);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(item_of(music() / "back.wav").id, id);
  EXPECT_THAT(search("sound.a tone"), ::testing::Contains(id.value));
}

TEST_F(Scan, AnEmptyFolderIsADiskThatIsNotMounted) {
  const auto a = write("a.wav", 440);
  run();
  const auto id = item_of(a).id;
  fs::remove(a);
  EXPECT_EQ(run().gone, 0);
  EXPECT_FALSE(world.store->item(id).value()->media.gone());
}

TEST_F(Scan, AFileWhoseBytesChangeKeepsItsItem) {
  const auto a = write("a.wav", 440);
  run();
  const auto before = item_of(a);
  write("a.wav", 660, 0.3);
  EXPECT_EQ(run().analysed, 1);
  const auto after = item_of(a);
  EXPECT_EQ(after.id, before.id);
  EXPECT_NE(after.media.content_hash, before.media.content_hash);
  EXPECT_EQ(world.store->count_items().value(), 1);
}

TEST_F(Scan, TheOldBytesOfAChangedFileCanComeBackAsAnItemOfTheirOwn) {
  const auto a = write("a.wav", 440);
  run();
  const auto old = read_file(a).value();
  write("a.wav", 660);
  run();
  ASSERT_TRUE(write_file_atomic(music() / "old.wav", old).ok());
  EXPECT_EQ(run().analysed, 1);
  EXPECT_NE(item_of(music() / "old.wav").id, item_of(a).id);
  EXPECT_EQ(world.store->count_items().value(), 2);
}

TEST_F(Scan, ACopyCarriesTheItemOnWhenTheOtherFileChanges) {
  const auto a = write("a.wav", 440);
  fs::copy_file(a, music() / "copy.wav");
  run();
  const auto id = item_of(a).id;
  write("a.wav", 660);
  run();
  EXPECT_EQ(item_of(music() / "copy.wav").id, id);
  EXPECT_EQ(item_of(music() / "copy.wav").media.path, (music() / "copy.wav").string());
  EXPECT_NE(item_of(a).id, id);
}

TEST_F(Scan, AnItemThatNamesItsFileGetsItAndSharesWhatIsKnownOfItsBytes) {
  const auto a = write("a.wav", 440);
  fs::copy_file(a, music() / "b.wav");
  Item first;
  first.id = ItemId("first");
  first.title = "First";
  first.url = "a.wav";
  Item second = first;
  second.id = ItemId("second");
  second.url = "b.wav";
  ASSERT_TRUE(world.ingest->items(std::vector{first, second}).ok());
  run({}, 1);
  EXPECT_EQ(asked, 1) << "the same bytes, though two items have them";
  for (const auto* id : {"first", "second"}) {
    EXPECT_EQ(world.store->vectors(ItemId(id)).value().size(), 2U) << id;
    EXPECT_EQ(world.store->item(ItemId(id)).value()->title, "First");
  }
  EXPECT_EQ(world.store->item(ItemId("second")).value()->media.path, (music() / "b.wav").string());
  EXPECT_EQ(run().unchanged, 2);
}

TEST_F(Scan, OnlyTheEncoderThatChangedRunsAgain) {
  const auto a = write("a.wav", 440);
  set_senses({{"sound.a", 1}, {"sound.b", 1}});
  run();
  EXPECT_EQ(asked, 2);
  const auto id = item_of(a).id;
  ASSERT_TRUE(world.store->put_vectors(std::vector{ItemVector{id, {"imported.x", 1, {7}}}}).ok());
  set_senses({{"sound.a", 2}, {"sound.b", 1}});
  const auto report = run();
  EXPECT_EQ(report.updated, 1);
  EXPECT_EQ(asked, 3);
  std::vector<std::string> vectors;
  const auto stored = world.store->vectors(id).value();
  for (const auto& vector : stored) vectors.push_back(vector.encoder + "@" + std::to_string(vector.version));
  EXPECT_THAT(vectors, ElementsAre("imported.x@1", "sound.a@2", "sound.b@1", "text.hash@1"));
  const auto perception = world.store->perception(id).value().value();
  EXPECT_EQ(perception.tags.size(), 4U) << "two by each, none twice";
  EXPECT_EQ(perception.runs.size(), 3U);
  set_senses({{"sound.a", 2}, {"sound.b", 1}, {"sound.c", 1}});
  EXPECT_EQ(run().updated, 1);
  EXPECT_EQ(asked, 4);
  EXPECT_EQ(run().unchanged, 1);
  EXPECT_EQ(asked, 4);
}

// As HashedText, under another name.
class OtherText final : public TextEncoder {
 public:
  [[nodiscard]] std::string_view name() const override { return "text.other"; }
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] std::size_t dim() const override { return 1; }
  [[nodiscard]] Result<std::vector<float>> encode(std::span<const std::string> texts) const override {
    std::vector<float> rows;
    for (const auto& text : texts) rows.push_back(static_cast<float>(text.size()));
    return rows;
  }
};

TEST_F(Scan, AnEncoderThatRunsAgainTakesItsEarlierFactsWithIt) {
  set_senses({{"sound.a", 1}, {"sound.b", 2}});
  const auto a = write("a.wav", 440);
  run();
  const auto facts = [&] { return world.store->perception(item_of(a).id).value().value().facts; };
  ASSERT_TRUE(facts().has("only the first said"));
  set_senses({{"sound.a", 2}, {"sound.b", 2}});
  EXPECT_EQ(run().updated, 1);
  EXPECT_FALSE(facts().has("only the first said"));
  EXPECT_TRUE(facts().has("sound.a.loudest"));
  EXPECT_TRUE(facts().has("sound.b.loudest")) << "it did not run again";
}

TEST_F(Scan, ANewTextEncoderReadsTheWordsOfEveryItemAgainAndNothingElse) {
  const auto a = write("a.wav", 440);
  world.items("cat_a A cat plays");
  run();
  EXPECT_EQ(asked, 1);
  world.encoders.text.push_back(std::make_unique<OtherText>());
  const auto report = run();
  EXPECT_EQ(report.read_again, 2);
  EXPECT_EQ(asked, 1);
  const auto vectors = world.store->vectors(ItemId("cat_a")).value();
  ASSERT_EQ(vectors.size(), 2U);
  EXPECT_EQ(vectors[1].encoder, "text.other");
  EXPECT_EQ(vectors[1].values[0], 11) << "A cat plays";
  EXPECT_GT(world.store->vectors(item_of(a).id).value()[2].values[0], 20) << "the words of the file itself count";
  EXPECT_EQ(run().read_again, 0);
}

TEST_F(Scan, WhatIsHeardCanBeSearchedBesideTheOwnersTagsWhichItNeverTouches) {
  const auto a = write("a.wav", 440);
  run();
  auto item = item_of(a);
  EXPECT_THAT(item.media.tags, ElementsAre("sound.a tone")) << "the sure one only";
  EXPECT_THAT(item.tags, IsEmpty());
  item.tags = {"mine"};
  item.title = "Guqin";
  ASSERT_TRUE(world.ingest->items({&item, 1}).ok());
  set_senses({{"sound.a", 2}});
  run();
  item = item_of(a);
  EXPECT_THAT(item.tags, ElementsAre("mine"));
  EXPECT_EQ(item.title, "Guqin");
  EXPECT_THAT(item.media.tags, ElementsAre("sound.a tone"));
  EXPECT_THAT(search("tone"), ElementsAre(item.id.value));
  EXPECT_THAT(search("rivers"), ElementsAre(item.id.value)) << "what is said in the file is in its vector of words";
}

TEST_F(Scan, ASenseThatFailsCostsItsPartAndTheItemSaysSo) {
  std::ofstream(music() / "silent.wav", std::ios::binary) << wav_bytes({8000, std::vector<float>(2000, 0.0F)});
  const auto report = run();
  EXPECT_EQ(report.analysed, 1);
  const auto perception = world.store->perception(item_of(music() / "silent.wav").id).value().value();
  ASSERT_EQ(perception.runs.size(), 2U);
  EXPECT_EQ(perception.runs[1].problem, "nothing can be heard");
}

TEST_F(Scan, AModelThatIsNotThereIsNotedUntilItIs) {
  const auto a = write("a.wav", 440);
  world.encoders.absent = {{"model:centernet", 0, 0, "the model is damaged"}};
  run();
  EXPECT_EQ(world.store->perception(item_of(a).id).value()->runs.back().problem, "the model is damaged");
  EXPECT_EQ(run().unchanged, 1) << "that alone is no reason to decode again";
  world.encoders.absent.clear();
  set_senses({{"sound.a", 1}, {"vision.centernet", 1}});
  EXPECT_EQ(run().updated, 1);
  const auto perception = world.store->perception(item_of(a).id).value().value();
  for (const auto& seen : perception.runs) EXPECT_THAT(seen.problem, IsEmpty()) << seen.encoder;
}

TEST_F(Scan, ARefusedFileIsTriedAgainWhenItOrTheLimitsChange) {
  std::ofstream(music() / "story.mp4") << "Once upon a time there was a string and a listener.";
  EXPECT_EQ(run().refused, 1);
  const auto first = world.store->reports().value().at(0);
  EXPECT_THAT(first.reason, HasSubstr("not an audio, video or picture file"));
  EXPECT_THAT(first.tried_with, HasSubstr("decode"));
  const auto again = run();
  EXPECT_EQ(again.refused, 1);
  EXPECT_TRUE(again.costs.empty()) << "an unchanged file is not tried again";
  run({.wall_s = 30});
  EXPECT_THAT(world.store->reports().value().at(0).tried_with, HasSubstr("30 s")) << "with other limits it is";
  write("story.mp4", 440);
  EXPECT_EQ(run({.wall_s = 30}).analysed, 1);
  EXPECT_TRUE(world.store->reports().value().empty());
}

TEST_F(Scan, AReportGoesWithItsFile) {
  std::ofstream(music() / "story.mp4") << "Once upon a time there was a string and a listener.";
  write("a.wav", 440);
  run();
  fs::remove(music() / "story.mp4");
  run();
  EXPECT_TRUE(world.store->reports().value().empty());
}

TEST_F(Scan, AScanThatIsStoppedGoesOnWhereItWas) {
  for (int i = 0; i < 6; ++i) write(std::to_string(i) + ".wav", 300 + 50 * i);
  std::stop_source stop;
  class Stopping final : public Sense {
   public:
    explicit Stopping(std::stop_source& stop) : stop_(stop) {}
    [[nodiscard]] std::string_view name() const override { return "sound.a"; }
    [[nodiscard]] int version() const override { return 1; }
    [[nodiscard]] Result<void> perceive(const Decoded&, Perception&) const override {
      if (++seen_ == 2) stop_.request_stop();
      return {};
    }
    std::stop_source& stop_;
    mutable std::atomic<int> seen_{0};
  };
  world.encoders.senses.clear();
  world.encoders.senses.push_back(std::make_unique<Stopping>(stop));
  const auto first = run({}, 1, stop.get_token());
  EXPECT_TRUE(first.stopped);
  EXPECT_EQ(first.analysed, 2);
  EXPECT_EQ(first.left, 4);
  EXPECT_TRUE(world.store->reports().value().empty()) << "to be stopped is no fault of a file";
  const auto second = run();
  EXPECT_EQ(second.analysed, 4);
  EXPECT_EQ(second.unchanged, 2);
}

TEST_F(Scan, NothingIsEverWrittenBesideTheFiles) {
  const auto a = write("a.wav", 440);
  std::ofstream(music() / "story.mp4") << "no media";
  fs::permissions(music(), fs::perms::owner_read | fs::perms::owner_exec);
  const auto before = fs::last_write_time(music());
  EXPECT_EQ(run().analysed, 1);
  EXPECT_EQ(fs::last_write_time(music()), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(music()), {}), 2);
  fs::permissions(music(), fs::perms::owner_all);
}

}  // namespace
}  // namespace zhiyin
