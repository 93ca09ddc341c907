// Which snapshots stay when there are more than are to be kept.
#include "feed/snapshot/shelf.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "feed/snapshot/snapshot.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Shelf : public testing::Test {
 protected:
  void publish(const std::string& id, const std::string& compressed_from = "") {
    Snapshot snapshot;
    snapshot.id = id;
    snapshot.compressed_from = compressed_from;
    ASSERT_TRUE(save_snapshot(home_.path(), snapshot).ok());
  }
  [[nodiscard]] std::vector<std::string> prune(std::size_t keep) const {
    return prune_snapshots(home_.path(), keep).value();
  }
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> ids;
    const auto all = list_snapshots(home_.path()).value();
    for (const auto& one : all) ids.push_back(one.id);
    return ids;
  }
  TemporaryFolder home_;
};

TEST_F(Shelf, TheNewestStay) {
  for (int k = 1; k <= 5; ++k) publish(fmt::format("s{}", k));
  EXPECT_THAT(prune(3), ElementsAre("s2", "s1"));
  EXPECT_THAT(left(), ElementsAre("s5", "s4", "s3"));
  EXPECT_FALSE(std::filesystem::exists(home_ / "snapshots" / "s1"));
  EXPECT_THAT(prune(3), IsEmpty());
}

TEST_F(Shelf, ZeroKeepsAll) {
  for (int k = 1; k <= 5; ++k) publish(fmt::format("s{}", k));
  EXPECT_THAT(prune(0), IsEmpty());
  EXPECT_EQ(left().size(), 5U);
}

TEST_F(Shelf, TheOneThatServesAndTheOneBeforeItStayHoweverOldTheyAre) {
  for (int k = 1; k <= 6; ++k) publish(fmt::format("s{}", k));
  ASSERT_EQ(make_current(home_.path(), "s3").value(), "s3");
  prune(1);
  EXPECT_THAT(left(), ElementsAre("s6", "s3", "s2"));
  EXPECT_EQ(make_current(home_.path(), "").value(), "s2");  // rollback still has where to go
}

TEST_F(Shelf, WhatACopyWasCompressedFromStays) {
  publish("s1");
  publish("s1-small", "s1");
  publish("s2");
  publish("s2-small", "s2");
  publish("s3");
  prune(1);
  EXPECT_THAT(left(), ElementsAre("s3", "s2-small", "s2"));
}

}  // namespace
}  // namespace zhiyin
