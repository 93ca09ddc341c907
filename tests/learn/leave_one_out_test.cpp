#include "learn/eval/leave_one_out.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

LabelledVectors four_clips() {
  return {.vectors = {{0, 0}, {0, 1}, {9, 0}, {9, 1}}, .labels = {"a", "a", "b", "b"}, .groups = {}};
}

TEST(LeaveOneOut, FindsWhatIsThere) {
  const auto found = leave_one_out(sliced(four_clips(), 0, 1));
  EXPECT_EQ(found.clips, 4U);
  EXPECT_DOUBLE_EQ(found.nn1, 1);
  EXPECT_NEAR(found.chance, 1.0 / 3, 1e-12);
}

TEST(LeaveOneOut, ALoneLabelNeitherAsksNorAnswers) {
  auto clips = four_clips();
  clips.vectors.push_back({9, 0.5});
  clips.labels.emplace_back("alone");
  const auto found = leave_one_out(sliced(clips, 0, 1));
  EXPECT_EQ(found.clips, 4U);
  EXPECT_DOUBLE_EQ(found.nn1, 1);
}

TEST(LeaveOneOut, ClipsOfOneGroupDoNotHelpEachOther) {
  auto clips = four_clips();
  clips.groups = {"x", "x", "y", "y"};  // no label has a second group
  EXPECT_EQ(leave_one_out(clips).clips, 0U);
  clips.groups = {"x", "y", "x", "y"};
  EXPECT_EQ(leave_one_out(clips).clips, 4U);
}

TEST(LeaveOneOut, AFeatureThatNeverChangesCountsNothing) {
  LabelledVectors clips{.vectors = {{0, 5}, {1, 5}, {8, 5}, {9, 5}}, .labels = {"a", "a", "b", "b"}, .groups = {}};
  EXPECT_DOUBLE_EQ(leave_one_out(clips).nn1, 1);
}

}  // namespace
}  // namespace zhiyin
