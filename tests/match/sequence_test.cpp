// Models that are learned by gradient from sequences: that they learn what only an order can tell.
#include <gtest/gtest.h>

#include "match/worlds.h"

namespace zhiyin {
namespace {

// A ring: whoever was at i goes on to i + 1.
Interactions ring(std::size_t users, std::size_t items, std::size_t steps) {
  Random random(3);
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < users; ++user) {
    const auto start = random.below(static_cast<std::uint32_t>(items));
    for (std::uint32_t step = 0; step < steps; ++step)
      cells.push_back({user, static_cast<ItemIndex>((start + step) % items), 1.0F, UnixSeconds{step}});
  }
  return Interactions::from(cells, users, items);
}

class SequenceModels : public testing::TestWithParam<const char*> {};

TEST_P(SequenceModels, LearnWhatComesNext) {
  const auto interactions = ring(150, 30, 8);
  const auto model =
      make_model(GetParam(), {{"factors", 16}, {"epochs", 100}, {"rate", 0.01}, {"dropout", 0.1}, {"patience", 100}})
          .value();
  std::vector<double> losses;
  TrainContext context;
  context.on_epoch = [&](int, int, double loss) { losses.push_back(loss); };
  ASSERT_TRUE(model->train({interactions}, context).ok());
  EXPECT_LT(losses.back(), 0.5 * losses.front());
  int right = 0;
  for (ItemIndex start = 0; start < 26; ++start) {
    const auto scores = scores_of(*model, history({start, start + 1, start + 2}));
    right += std::ranges::max_element(scores) - scores.begin() == static_cast<std::ptrdiff_t>(start + 3) ? 1 : 0;
  }
  EXPECT_GE(right, 24);
}

TEST_P(SequenceModels, WithFewCandidatesTheSampleIsCorrectedFor) {
  const auto interactions = ring(150, 30, 8);
  const auto model =
      make_model(
          GetParam(),
          {{"factors", 16}, {"epochs", 60}, {"rate", 0.01}, {"dropout", 0.1}, {"candidates", 8}, {"patience", 100}})
          .value();
  ASSERT_TRUE(model->train({interactions}, {}).ok());
  const auto scores = scores_of(*model, history({4, 5, 6}));
  EXPECT_EQ(std::ranges::max_element(scores) - scores.begin(), 7);
}

TEST_P(SequenceModels, TheOrderMatters) {
  const auto model = make_model(GetParam(), {{"factors", 16}, {"epochs", 20}, {"rate", 0.01}}).value();
  ASSERT_TRUE(model->train({ring(100, 20, 6)}, {}).ok());
  EXPECT_NE(scores_of(*model, history({3, 4, 9})), scores_of(*model, history({9, 4, 3})));
}

INSTANTIATE_TEST_SUITE_P(Nets, SequenceModels, testing::Values("sasrec", "gru4rec"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace zhiyin
