// Linear models against their formulas, written out plainly in double, and what decay by age does to all of them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/kernels/linalg.h"
#include "match/linear/ease.h"
#include "match/linear/itemknn.h"
#include "match/linear/markov.h"
#include "match/linear/rp3beta.h"
#include "match/linear/slist.h"
#include "match/linear/userknn.h"
#include "match/pop.h"
#include "match/registry/ensemble.h"
#include "match/worlds.h"

namespace zhiyin {
namespace {

template <typename M>
M make(const Params& changed) {
  Params params;
  for (const auto& range : M::kRanges) params[std::string(range.name)] = range.initial;
  for (const auto& [name, value] : changed) params[name] = value;
  return M(params);
}

// Sequences, one user a line, oldest first.
Interactions sequences(const std::string& lines, std::size_t items) {
  std::vector<Interaction> cells;
  std::istringstream text(lines);
  UserIndex user = 0;
  for (std::string line; std::getline(text, line); ++user) {
    std::istringstream row(line);
    UnixSeconds time = 0;
    for (ItemIndex item = 0; row >> item; ++time) cells.push_back({user, item, 1.0F, time});
  }
  return Interactions::from(cells, user, items);
}

TEST(Rp3Beta, IsTheWalkOfThreeSteps) {
  constexpr std::size_t kItems = 12;
  const auto interactions = two_tastes(25, kItems);
  auto walk = make<Rp3Beta>({{"neighbours", kItems}, {"alpha", 1}, {"beta", 0.6}, {"share", 0}});
  ASSERT_TRUE(walk.train({interactions}, {}).ok());
  const auto counts = interactions.item_counts();
  for (ItemIndex i = 0; i < kItems; ++i) {
    std::vector<double> reached(kItems, 0);  // from i to one of its users to one of that user's items, by fair lot
    for (UserIndex user = 0; user < interactions.users(); ++user) {
      const auto row = interactions.row(user);
      if (!std::ranges::binary_search(row, i)) continue;
      for (const auto j : row) reached[j] += 1.0 / counts[i] / static_cast<double>(row.size());
    }
    const auto scores = scores_of(walk, history({i}));
    for (std::size_t j = 0; j < kItems; ++j)
      EXPECT_NEAR(scores[j], i == j ? 0 : reached[j] / std::pow(counts[j], 0.6), 1e-5);
  }
}

TEST(Rp3Beta, ItemsThatHardlyAnybodyHasDoNotSilenceAPopularOne) {
  std::string lines;
  for (int user = 0; user < 20; ++user) lines += "0 1\n";
  for (int rare = 2; rare < 8; ++rare) lines += fmt::format("0 {}\n", rare);  // who has one of these always has 0
  auto walk = make<Rp3Beta>({{"neighbours", 3}});
  ASSERT_TRUE(walk.train({world(lines, 8)}, {}).ok());
  EXPECT_GT(scores_of(walk, history({1}))[0], 0);
}

TEST(Rp3Beta, WithShareEachItemSaysAsMuchInAll) {
  auto walk = make<Rp3Beta>({{"neighbours", 5}, {"share", 1}});
  ASSERT_TRUE(walk.train({two_tastes(25, 12)}, {}).ok());
  for (ItemIndex i = 0; i < 12; ++i) {
    const auto scores = scores_of(walk, history({i}));
    EXPECT_NEAR(std::accumulate(scores.begin(), scores.end(), 0.0), 1, 1e-5);
    EXPECT_LE(std::ranges::count_if(scores, [](float score) { return score > 0; }), 5);
  }
}

TEST(ItemKnn, AsBm25TheLongRowsSayLess) {
  // 0 and 1 met in a short row, 0 and 2 in a long one.
  const auto interactions = world("0 1\n0 2 3 4 5 6 7 8\n1\n2", 9);
  auto knn = make<ItemKnn>({{"bm25", 1}, {"shrink", 0}});
  ASSERT_TRUE(knn.train({interactions}, {}).ok());
  const auto scores = scores_of(knn, history({0}));
  EXPECT_GT(scores[1], 1.2F * scores[2]);
  EXPECT_LE(*std::ranges::max_element(scores), 1.0F);  // a cosine
}

TEST(UserKnn, AsksTheMostAlikeUsers) {
  const auto interactions = world("0 1 2\n0 1 3\n4 5", 6);
  auto knn = make<UserKnn>({{"neighbours", 10}, {"asker_power", 0.5}, {"other_power", 0.5}, {"shrink", 0}});
  ASSERT_TRUE(knn.train({interactions}, {}).ok());
  const auto scores = scores_of(knn, history({0, 2}));
  const double first = 2 / std::sqrt(2.0 * 3);  // both items shared
  const double second = 1 / std::sqrt(2.0 * 3);
  EXPECT_NEAR(scores[1], first + second, 1e-6);
  EXPECT_NEAR(scores[3], second, 1e-6);
  EXPECT_EQ(scores[4], 0);
}

TEST(Markov, CountsWhatFollowedWithinTheWindow) {
  const auto interactions = sequences("0 1 2\n0 2\n2 3", 4);
  auto chain = make<Markov>(
      {{"window", 2}, {"decay", 0.5}, {"backward", 0}, {"history_power", 0}, {"target_power", 0}, {"recency", 0}});
  ASSERT_TRUE(chain.train({interactions}, {}).ok());
  EXPECT_THAT(scores_of(chain, history({0})),
              testing::ElementsAre(0, 1, 1.5F, 0));  // 2: half after two steps, once after one
  EXPECT_THAT(scores_of(chain, history({2})), testing::ElementsAre(0, 0, 0, 1));
}

TEST(Markov, BackwardCountsWhatCameBefore) {
  const auto interactions = sequences("0 1", 2);
  auto chain = make<Markov>({{"backward", 0.25}, {"history_power", 0}, {"target_power", 0}});
  ASSERT_TRUE(chain.train({interactions}, {}).ok());
  EXPECT_FLOAT_EQ(scores_of(chain, history({0}))[1], 1);
  EXPECT_FLOAT_EQ(scores_of(chain, history({1}))[0], 0.25F);
}

TEST(Slist, IsTheRidgeSolutionOverAllCuts) {
  constexpr std::size_t kItems = 4;
  const auto interactions = sequences("0 1 2 3\n1 0 3\n2 1", kItems);
  auto slist = make<Slist>({{"past", 2}, {"future", 1}, {"ridge", 0.5}, {"recency", 0}});
  ASSERT_TRUE(slist.train({interactions}, {}).ok());

  std::vector<double> gram(kItems * kItems, 0);
  std::vector<double> cross(kItems * kItems, 0);  // column-major: one right side a target
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    const auto row = interactions.in_order(user);
    for (std::size_t cut = 1; cut < row.size(); ++cut) {
      std::vector<double> past(kItems, 0);
      std::vector<double> future(kItems, 0);
      for (std::size_t k = 0; k < row.size(); ++k) {
        if (k < cut)
          past[row[k]] = std::exp(-static_cast<double>(cut - 1 - k) / 2);
        else
          future[row[k]] = std::exp(-static_cast<double>(k - cut));
      }
      for (std::size_t i = 0; i < kItems; ++i) {
        for (std::size_t j = 0; j < kItems; ++j) {
          gram[i * kItems + j] += past[i] * past[j];
          cross[j * kItems + i] += past[i] * future[j];
        }
      }
    }
  }
  for (std::size_t i = 0; i < kItems; ++i) gram[i * kItems + i] += 0.5;
  Cholesky::of(kItems, gram).value().solve(cross, kItems);
  for (ItemIndex i = 0; i < kItems; ++i) {
    const auto scores = scores_of(slist, history({i}));
    for (std::size_t j = 0; j < kItems; ++j) EXPECT_NEAR(scores[j], cross[j * kItems + i], 1e-4) << i << " " << j;
  }
}

TEST(Pop, WithAHalfLifeOldEventsCountLess) {
  constexpr UnixSeconds kDay = 86400;
  const std::vector<Interaction> cells = {{0, 0, 1, 0}, {1, 0, 1, 0}, {2, 0, 1, 0}, {0, 1, 1, 10 * kDay}};
  const auto interactions = Interactions::from(cells, 3, 2);
  auto steady = make<Pop>({});
  ASSERT_TRUE(steady.train({interactions}, {}).ok());
  EXPECT_THAT(scores_of(steady, history({})), testing::ElementsAre(3, 1));
  auto decayed = make<Pop>({{"half_life_days", 5}});
  ASSERT_TRUE(decayed.train({interactions}, {}).ok());
  EXPECT_THAT(scores_of(decayed, history({})), testing::ElementsAre(0.75F, 1));
}

TEST(LinearModels, WithRecencyTheNewestItemCountsMost) {
  const auto interactions = two_tastes(60, 20);
  for (const auto* name : {"itemknn", "rp3beta", "ease", "markov", "slist"}) {
    const auto model = make_model(name, {{"recency", 1}}).value();
    ASSERT_TRUE(model->train({interactions}, {}).ok());
    const auto ends_in_first = scores_of(*model, history({15, 16, 1, 2}));
    const auto ends_in_second = scores_of(*model, history({1, 2, 15, 16}));
    EXPECT_GT(ends_in_first[3], ends_in_second[3]) << name;
    EXPECT_LT(ends_in_first[17], ends_in_second[17]) << name;
  }
}

TEST(Ensemble, TakesTheModelThatKnowsAndLeavesNoise) {
  // A ring: whoever was at i goes on to i + 1. Only models of sequences can know it.
  Random random(3);
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < 200; ++user) {
    const auto start = random.below(40);
    for (std::uint32_t step = 0; step < 6; ++step)
      cells.push_back({user, (start + step) % 40, 1.0F, UnixSeconds{step}});
  }
  const auto interactions = Interactions::from(cells, 200, 40);
  Ensemble ensemble(dynamic_cast<Ensemble&>(*make_model("ensemble", {{"next_item", 1}}).value()).params());
  ASSERT_TRUE(ensemble.train({interactions}, {}).ok());
  ASSERT_FALSE(ensemble.parts().empty());
  const auto best = ensemble.parts().front().model->name();
  EXPECT_TRUE(best == "markov" || best == "slist") << best;
  const auto scores = scores_of(ensemble, history({10, 11, 12, 13}));
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, std::greater{}, [&](std::size_t i) { return i >= 10 && i <= 13 ? -1e9F : scores[i]; });
  EXPECT_EQ(order.front(), 14U);
}

TEST(Ensemble, PartsAreSwitchedAndSetByName) {
  const auto interactions = two_tastes(60, 20);
  Params only{{"itemknn.neighbours", 7}};
  for (const auto* name : {"ials", "ease", "spectral", "rp3beta", "userknn", "markov", "slist"}) only[name] = 0;
  const auto made = make_model("ensemble", only).value();
  ASSERT_TRUE(made->train({interactions}, {}).ok());
  const auto& parts = dynamic_cast<const Ensemble&>(*made).parts();
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts.front().model->params().at("neighbours"), 7);
}

}  // namespace
}  // namespace zhiyin
