// How appends are gathered: by what commits cost, and by who is to be expected.
#include "state/bus/local/group_pace.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

TEST(GroupPace, ASlowDiskMakesLargeGroupsAndAQuickOneSmall) {
  GroupPace slow, quick;
  for (int i = 0; i < 50; ++i) {
    slow.committed(1, 1000, 0, 0.001, 0.010);
    quick.committed(1, 1000, 0, 0.001, 0.001);
  }
  EXPECT_NEAR(static_cast<double>(slow.most_events()), 40'000, 1);
  EXPECT_NEAR(static_cast<double>(quick.most_events()), 4'000, 1);
}

TEST(GroupPace, GroupsHaveBoundsWhateverTheDiskDoes) {
  GroupPace pace;
  EXPECT_EQ(pace.most_events(), GroupPace::kFewestEvents) << "before anything is known";
  pace.committed(1, 1000, 0, 0.001, 100);
  EXPECT_EQ(pace.most_events(), GroupPace::kMostEvents);
  EXPECT_EQ(pace.wait_s(), GroupPace::kLongestWait);
  pace = {};
  pace.committed(1, 1000, 0, 0.1, 1e-6);
  EXPECT_EQ(pace.most_events(), GroupPace::kFewestEvents);
}

TEST(GroupPace, LargeAppendsAreNotHeldUpForMore) {
  GroupPace pace;
  pace.committed(1, 1000, 3, 0.001, 0.004);  // a microsecond an event, a millisecond of wait
  EXPECT_EQ(pace.enough_events(), 1000U);
}

TEST(GroupPace, FollowsADiskThatChanges) {
  GroupPace pace;
  pace.committed(1, 1, 0, 1e-6, 0.0004);
  for (int i = 0; i < 30; ++i) pace.committed(1, 1, 0, 1e-6, 0.004);
  EXPECT_NEAR(pace.commit_s(), 0.004, 1e-5);
  EXPECT_NEAR(pace.wait_s(), 0.001, 1e-5);
}

TEST(GroupPace, ThoseWhoWereServedAreExpectedBackAndALoneClientIsNotWaitedFor) {
  GroupPace pace;
  EXPECT_EQ(pace.expected_appends(), 1U);
  pace.committed(1, 1, 0, 1e-6, 0.001);
  EXPECT_EQ(pace.expected_appends(), 1U);
  pace.committed(1, 1, 63, 1e-6, 0.001);
  EXPECT_EQ(pace.expected_appends(), 64U) << "the one that was served and those that came meanwhile";
  pace.committed(64, 64, 0, 1e-6, 0.001);
  EXPECT_EQ(pace.expected_appends(), 64U);
  pace.committed(2, 2, 0, 1e-6, 0.001);
  EXPECT_EQ(pace.expected_appends(), 2U) << "the others have gone";
}

}  // namespace
}  // namespace zhiyin
