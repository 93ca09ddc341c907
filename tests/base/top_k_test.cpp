#include "base/measure/top_k.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/random.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using Positions = std::vector<std::uint32_t>;

Positions best_of(std::vector<float> scores, Positions masked, std::size_t k) {
  Positions best;
  top_k(scores, masked, k, best);
  return best;
}

TEST(TopK, PutsTheHighestFirst) { EXPECT_THAT(best_of({0.1F, 0.9F, 0.5F}, {}, 2), ElementsAre(1, 2)); }

TEST(TopK, BreaksTiesByTheLowerPosition) {
  EXPECT_THAT(best_of({1, 2, 1, 2, 1, 2}, {}, 4), ElementsAre(1, 3, 5, 0));
  EXPECT_THAT(best_of({0, 0, 0, 0}, {}, 2), ElementsAre(0, 1));
}

TEST(TopK, LeavesOutWhatIsMasked) { EXPECT_THAT(best_of({5, 4, 3, 2}, {0, 2, 9}, 3), ElementsAre(1, 3)); }

TEST(TopK, NeverChoosesNaN) {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(best_of({nan, 1, nan, 2}, {}, 4), ElementsAre(3, 1));
}

TEST(TopK, OfNothingIsNothing) {
  EXPECT_THAT(best_of({}, {}, 3), ElementsAre());
  EXPECT_THAT(best_of({1, 2}, {}, 0), ElementsAre());
}

TEST(TopK, AgreesWithAFullSort) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<float> scores(1 + random.below(60));
    for (auto& score : scores) score = static_cast<float>(random.below(8)) - 4;  // many ties
    Positions masked;
    for (std::uint32_t i = 0; i < scores.size(); ++i) {
      if (random.below(4) == 0) masked.push_back(i);
    }
    Positions expected(scores.size());
    std::iota(expected.begin(), expected.end(), 0U);
    std::erase_if(expected, [&](auto i) { return std::ranges::binary_search(masked, i); });
    std::ranges::stable_sort(expected, [&](auto a, auto b) { return scores[a] > scores[b]; });
    const auto k = random.below(20);
    expected.resize(std::min<std::size_t>(k, expected.size()));
    EXPECT_EQ(best_of(scores, masked, k), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace zhiyin
