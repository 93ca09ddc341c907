// A home's own ranker: learned where it can be shown to be better than quotas, kept with the snapshot, and used.
#include "learn/train_ranker.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/random.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Everybody goes on to the next item in a circle, while content says nothing: what similar content proposes is wrong,
// and the quotas give it a quarter of the slate.
void circles(World& world, unsigned users) {
  std::string items;
  for (int k = 0; k < 60; ++k) items += fmt::format("item{} Word{} |\n", k, k * 7 % 10);
  world.items(items);
  Random random(3);
  std::string events;
  for (unsigned user = 0; user < users; ++user) {
    const auto start = random.below(60);
    for (unsigned k = 0; k < 6; ++k) events += fmt::format("u{} like item{}\n", user, (start + k) % 60);
  }
  world.events(events);
}

Result<TrainReport> train_with(World& world, const std::string& ranker, const std::filesystem::path& rows = {}) {
  TrainOptions options;
  options.models = {"pop", "ials"};
  options.ranker = ranker;
  options.ranking_rows = rows;
  return train(world.folder.path(), *world.store, *world.log, world.clock, options);
}

TEST(TrainRanker, ItServesWhereItIsClearlyBetterThanTheQuotasAndSaysBy) {
  World world;
  circles(world, 240);
  const auto report = train_with(world, "auto", world.folder / "rows.csv");
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_FALSE(report->ranker.empty()) << report->ranker_reason;
  EXPECT_THAT(report->ranker_reason, HasSubstr("by quota (paired +"));
  world.refresh();
  ASSERT_TRUE(world.view->snapshot()->ranker) << "it is kept";
  EXPECT_EQ(world.view->snapshot()->ranker_reason, report->ranker_reason);
  EXPECT_NE(own_ranker(world.view->shared_snapshot()), nullptr);
  EXPECT_FALSE(world.slate("u1", 5).items.empty());

  const auto rows = read_file(world.folder / "rows.csv").value();
  EXPECT_THAT(rows, StartsWith("user,item,label,collaborative,"));
  EXPECT_THAT(rows, HasSubstr("\"u1\",\"item"));
}

TEST(TrainRanker, TheQuotasStayWhereNobodyAskedForOneOrTooFewCanBeAsked) {
  World world;
  circles(world, 60);
  const auto few = train_with(world, "auto");
  ASSERT_TRUE(few.ok()) << few.error().message;
  EXPECT_EQ(few->ranker, "");
  EXPECT_THAT(few->ranker_reason, HasSubstr("60 users have 3 positives or more, 200 are needed"));
  const auto none = train_with(world, "none");
  EXPECT_EQ(none->ranker_reason, "the quotas: as was asked");
  world.refresh();
  EXPECT_EQ(own_ranker(world.view->shared_snapshot()), nullptr);
}

TEST(TrainRanker, AnUnknownRankerIsAnErrorThatNamesTheNearest) {
  World world;
  circles(world, 10);
  EXPECT_THAT(train_with(world, "logistics").error().message, HasSubstr("logistic"));
}

}  // namespace
}  // namespace zhiyin
