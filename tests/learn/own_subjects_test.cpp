#include "learn/eval/own_subjects.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

std::vector<Subject> world() {
  std::vector<Subject> subjects(40);
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    subjects[i].sound = fmt::format("sounds/{}.wav", i);
    subjects[i].label = i % 2 == 0 ? "bird" : "drum";
  }
  return subjects;
}

TEST(MadeUpBehaviour, DrawsFilesOfOneLabelTogether) {
  const auto subjects = world();
  const auto behaviour = made_up_behaviour(subjects, 1).value();
  double same = 0;
  double other = 0;
  int same_count = 0;
  int other_count = 0;
  for (std::size_t a = 0; a < subjects.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (behaviour[a].empty() || behaviour[b].empty()) continue;
      const bool one_label = subjects[a].label == subjects[b].label;
      (one_label ? same : other) += dot(behaviour[a], behaviour[b]);
      ++(one_label ? same_count : other_count);
    }
  }
  EXPECT_GT(same / same_count, other / other_count + 0.2);
}

TEST(MadeUpBehaviour, KnowsNothingOfTheAskedHalfNotEvenItsLabels) {
  auto subjects = world();
  const auto behaviour = made_up_behaviour(subjects, 1).value();
  std::size_t asked = 0;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    if (in_training_half(subjects[i])) continue;
    EXPECT_TRUE(behaviour[i].empty());
    subjects[i].label = fmt::format("another {}", i);
    ++asked;
  }
  EXPECT_GT(asked, subjects.size() / 4);
  EXPECT_LT(asked, 3 * subjects.size() / 4);
  EXPECT_EQ(made_up_behaviour(subjects, 1).value(), behaviour);
}

TEST(MadeUpBehaviour, OfTooFewFilesIsEmpty) {
  const std::vector<Subject> one(1);
  const auto behaviour = made_up_behaviour(one, 1).value();
  EXPECT_TRUE(behaviour.front().empty());
}

}  // namespace
}  // namespace zhiyin
