// Ids of the log, in memory and in files: what was logged is found, wherever it lies, and nothing else is.
#include "state/bus/local/id_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

constexpr Offset kStretch = 64;

std::uint64_t print_of(Offset offset) { return id_fingerprint("id-" + std::to_string(offset)); }
bool always(const IdEntry&) { return true; }

class IdIndexTest : public ::testing::Test {
 protected:
  void open(Offset last, const std::function<bool(const IdEntry&)>& is_of_log = always) {
    index_.reset();
    index_ = std::make_unique<IdIndex>(IdIndexOptions{folder_ / "ids", kStretch, 2}, last, is_of_log);
  }
  // Every third event has no id.
  static bool has_id(Offset offset) { return offset % 3 != 0; }
  void add_until(Offset last) {
    for (Offset offset = index_->known() + 1; offset <= last; ++offset) {
      if (has_id(offset)) index_->add({print_of(offset), offset});
    }
    index_->reach(last);
  }
  void expect_all_until(Offset last) {
    for (Offset offset = 1; offset <= last + 10; ++offset) {
      std::set<Offset> found;
      index_->find(print_of(offset), [&](Offset at) {
        found.insert(at);
        return false;
      });
      EXPECT_EQ(found, offset <= last && has_id(offset) ? std::set<Offset>{offset} : std::set<Offset>{}) << offset;
    }
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder_ / "ids"))
      names.insert(file.path().filename().string());
    return names;
  }

  TemporaryFolder folder_;
  std::unique_ptr<IdIndex> index_;
};

TEST_F(IdIndexTest, FindsWhatWasAddedWhileItBecomesFiles) {
  open(0);
  for (const Offset last : {0, 1, 63, 64, 65, 200, 500, 1000}) {
    add_until(last);
    expect_all_until(last);
  }
  index_->settle();
  expect_all_until(1000);
}

TEST_F(IdIndexTest, FilesAreJoinedByTwosUpToTheLargest) {
  open(0);
  add_until(64 * 7 + 5);
  index_->settle();
  EXPECT_EQ(files(), (std::set<std::string>{"0-256.ids", "256-384.ids", "384-448.ids"}));
  add_until(64 * 8);
  index_->settle();
  EXPECT_EQ(files(), (std::set<std::string>{"0-256.ids", "256-512.ids"}));
  expect_all_until(64 * 8);
}

TEST_F(IdIndexTest, WhatIsInFilesNeedNotBeReadAgain) {
  open(0);
  add_until(64 * 7 + 5);
  index_->settle();
  open(64 * 7 + 5);
  EXPECT_EQ(index_->known(), 64 * 7);
  add_until(64 * 7 + 5);
  expect_all_until(64 * 7 + 5);
}

TEST_F(IdIndexTest, AFileThatIsMissingDamagedOrOfAnotherLogIsMadeAgain) {
  for (const auto* harm : {"missing", "damaged", "cut off", "another log", "a longer log"}) {
    SCOPED_TRACE(harm);
    std::filesystem::remove_all(folder_ / "ids");
    open(0);
    add_until(64 * 7);
    index_->settle();
    index_.reset();
    const auto file = folder_ / "ids" / "256-384.ids";
    auto bytes = read_file(file).value();
    Offset last = 64 * 7;
    if (harm == std::string("missing")) std::filesystem::remove(file);
    if (harm == std::string("damaged")) bytes[20] = static_cast<char>(~bytes[20]);
    if (harm == std::string("cut off")) bytes.pop_back();
    if (harm == std::string("damaged") || harm == std::string("cut off")) {
      ASSERT_TRUE(write_file_atomic(file, bytes).ok());
    }
    if (harm == std::string("a longer log")) last = 300;
    open(last, [&](const IdEntry& newest) { return harm != std::string("another log") || newest.offset <= 256; });
    EXPECT_EQ(index_->known(), 256);
    add_until(last);
    expect_all_until(last);
    index_->settle();
    if (last == 64 * 7) {
      EXPECT_EQ(files().size(), 3U);
    }
  }
}

TEST_F(IdIndexTest, WithoutAFolderItStaysInMemory) {
  std::ofstream(folder_ / "ids") << "a file where a folder should be";
  open(0);
  add_until(500);
  index_->settle();
  expect_all_until(500);
}

TEST_F(IdIndexTest, TwoIdsOfOneFingerprintAreBothFound) {
  open(0);
  for (const Offset offset : {3, 70, 71, 200}) index_->add({42, offset});
  index_->reach(300);
  index_->settle();
  std::vector<Offset> found;
  EXPECT_FALSE(index_->find(42, [&](Offset at) {
    found.push_back(at);
    return false;
  }));
  std::ranges::sort(found);
  EXPECT_EQ(found, (std::vector<Offset>{3, 70, 71, 200}));
  EXPECT_TRUE(index_->find(42, [](Offset at) { return at == 71; }));
}

TEST(IdFingerprint, StaysAsItIsInFiles) {
  EXPECT_EQ(id_fingerprint(""), id_fingerprint(std::string()));
  EXPECT_NE(id_fingerprint("a"), id_fingerprint(std::string("a\0", 2)));
  std::set<std::uint64_t> all;
  for (int i = 0; i < 10'000; ++i) all.insert(id_fingerprint("web-" + std::to_string(i)));
  EXPECT_EQ(all.size(), 10'000U);
}

}  // namespace
}  // namespace zhiyin
