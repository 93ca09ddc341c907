// Each algorithm against its formula, written out plainly in double.
#include <gtest/gtest.h>

#include "base/kernels/linalg.h"
#include "match/content/content_map.h"
#include "match/factors/ials.h"
#include "match/factors/row_solver.h"
#include "match/linear/ease.h"
#include "match/linear/itemknn.h"
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

TEST(Ease, IsTheTextbookFormula) {
  const auto interactions = world("0 1\n0 1 2\n1 2 3\n3", 4);
  auto ease = make<Ease>({{"lambda", 2}, {"dropout", 0}, {"lean", 0}});
  ASSERT_TRUE(ease.train({interactions}, {}).ok());

  std::vector<double> gram(16, 0);
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    for (const auto i : interactions.row(user)) {
      for (const auto j : interactions.row(user)) gram[i * 4 + j] += 1;
    }
  }
  for (std::size_t i = 0; i < 4; ++i) gram[i * 4 + i] += 2;
  std::vector<double> inverse(16, 0);
  for (std::size_t i = 0; i < 4; ++i) inverse[i * 4 + i] = 1;
  Cholesky::of(4, gram).value().solve(inverse, 4);
  for (ItemIndex i = 0; i < 4; ++i) {
    const auto row = scores_of(ease, history({i}));
    for (std::size_t j = 0; j < 4; ++j)
      EXPECT_NEAR(row[j], i == j ? 0 : -inverse[i * 4 + j] / inverse[j * 4 + j], 1e-5);
  }
}

TEST(Ease, PrunedItKeepsTheStrongestWeightsOfEachColumn) {
  constexpr std::size_t kItems = 20;
  constexpr std::size_t kKeep = 12;
  const auto interactions = two_tastes(60, kItems);
  const Params settings{{"lambda", 0.5}, {"dropout", 0.2}, {"lean", 0}};
  auto whole = make<Ease>(settings);
  auto pruned = make<Ease>({{"lambda", 0.5}, {"dropout", 0.2}, {"lean", 0}, {"keep", kKeep}});
  ASSERT_TRUE(whole.train({interactions}, {}).ok());
  ASSERT_TRUE(pruned.train({interactions}, {}).ok());
  std::vector<std::vector<float>> all;
  std::vector<std::vector<float>> kept;
  for (ItemIndex i = 0; i < kItems; ++i) {
    all.push_back(scores_of(whole, history({i})));
    kept.push_back(scores_of(pruned, history({i})));
  }
  bool any_negative = false;
  for (std::size_t j = 0; j < kItems; ++j) {
    std::vector<float> sizes;
    for (std::size_t i = 0; i < kItems; ++i) sizes.push_back(std::abs(all[i][j]));
    std::ranges::sort(sizes, std::greater{});
    for (std::size_t i = 0; i < kItems; ++i) {
      EXPECT_EQ(kept[i][j], std::abs(all[i][j]) >= sizes[kKeep - 1] ? all[i][j] : 0) << i << " " << j;
      any_negative |= kept[i][j] < 0;
    }
  }
  EXPECT_TRUE(any_negative);  // what speaks against an item is kept as well

  Tensors tensors;
  pruned.save(tensors);
  auto loaded = make<Ease>({{"lean", 0}});
  ASSERT_TRUE(loaded.load(tensors).ok());  // by what is there, whatever the settings say
  EXPECT_EQ(scores_of(loaded, history({1, 2})), scores_of(pruned, history({1, 2})));
}

TEST(Ease, RefusesMoreItemsThanMemoryShouldHold) {
  auto ease = make<Ease>({});
  const auto trained = ease.train({world("0 1", DenseWeights::kMaxItems + 1)}, {});
  ASSERT_FALSE(trained.ok());
  EXPECT_NE(trained.error().message.find("ials"), std::string::npos);
}

TEST(ItemKnn, IsTheDenseBruteForce) {
  const auto interactions = two_tastes(25, 12);
  constexpr std::size_t kItems = 12;
  constexpr std::size_t kKeep = 3;
  auto knn = make<ItemKnn>(
      {{"neighbours", kKeep}, {"user_power", 0.5}, {"history_power", 0.7}, {"target_power", 0.4}, {"shrink", 1}});
  ASSERT_TRUE(knn.train({interactions}, {.threads = 2}).ok());

  std::vector<double> together(kItems * kItems, 0);
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    const auto row = interactions.row(user);
    for (const auto i : row) {
      for (const auto j : row) together[i * kItems + j] += std::pow(row.size(), -0.5);
    }
  }
  const auto counts = interactions.item_counts();
  const auto similarity = [&](std::size_t i, std::size_t j) {
    return i == j ? 0 : together[i * kItems + j] / (std::pow(counts[i], 0.7) * std::pow(counts[j], 0.4) + 1);
  };
  for (std::size_t j = 0; j < kItems; ++j) {
    std::vector<double> column;
    for (std::size_t i = 0; i < kItems; ++i) column.push_back(similarity(i, j));
    auto sorted = column;
    std::ranges::sort(sorted, std::greater{});
    for (ItemIndex i = 0; i < kItems; ++i) {
      const double kept = column[i] >= sorted[kKeep - 1] ? column[i] : 0;
      EXPECT_NEAR(scores_of(knn, history({i}))[j], kept, 1e-5) << i << " " << j;
    }
  }
}

TEST(Ials, TheLossFallsAtEveryHalfEpoch) {
  auto ials = make<Ials>({{"factors", 12}, {"epochs", 8}, {"strength", 2}});
  ials.record_losses();
  ASSERT_TRUE(ials.train({two_tastes(60, 40)}, {.threads = 2}).ok());
  ASSERT_EQ(ials.losses().size(), 16U);
  for (std::size_t k = 1; k < ials.losses().size(); ++k)
    EXPECT_LE(ials.losses()[k], ials.losses()[k - 1] * (1 + 1e-6)) << k;
}

// The loss after each half epoch of a small factorisation.
std::vector<double> losses_of(const Interactions& interactions, const Params& changed) {
  Params settings{{"factors", 12}, {"epochs", 40}, {"strength", 2}, {"alpha0", 0.3}};
  for (const auto& [name, value] : changed) settings[name] = value;
  auto ials = make<Ials>(settings);
  ials.record_losses();
  EXPECT_TRUE(ials.train({interactions}, {.threads = 2}).ok());
  return ials.losses();
}

TEST(Ials, EverySolverFallsAtEveryHalfEpochAndReachesTheSameLoss) {
  const auto interactions = two_tastes(60, 40);  // rows shorter and longer than a block is wide
  const auto reference = losses_of(interactions, {{"solver", 1}});
  for (const auto& solver : {Params{{"solver", 0}}, Params{{"solver", 1}}, Params{{"solver", 2}, {"block", 4}},
                             Params{{"solver", 2}, {"block", 5}}, Params{{"solver", 2}, {"block", 1}}}) {
    const auto losses = losses_of(interactions, solver);
    ASSERT_EQ(losses.size(), 80U);
    for (std::size_t k = 1; k < losses.size(); ++k) EXPECT_LE(losses[k], losses[k - 1] * (1 + 1e-6)) << k;
    EXPECT_NEAR(losses.back(), reference.back(), 2e-3 * reference.back()) << solver.at("solver");
  }
  EXPECT_GT(reference.front(), 1.05 * reference.back());  // there was something to gain
}

TEST(RowSolver, CholeskyIsExactAtOnceAndBlocksAreInTheEnd) {
  constexpr std::size_t kDim = 12;
  constexpr std::size_t kItems = 30;
  Random random(11);
  std::vector<float> factors(kItems * kDim);
  for (auto& value : factors) value = 0.5F * random.normal();
  const auto held = ItemFactors::build(factors, kDim, kItems, {0.3, 0.02, 1}).value();
  for (const std::size_t count : {std::size_t{3}, kItems}) {  // shorter and longer than the factors are many
    History row;
    for (ItemIndex item = 0; item < count; ++item) {
      row.items.push_back(item);
      row.weights.push_back(0.5F + random.uniform());
    }
    const auto solution = held.fold_in(row);
    const auto distance = [&](const AlsSteps& how, int times) {
      RowSolver solver(held, how);
      std::vector<float> x(kDim, 0.1F);
      for (int k = 0; k < times; ++k) solver.improve(row.items, row.weights, x);
      float most = 0;
      for (std::size_t d = 0; d < kDim; ++d) most = std::max(most, std::abs(x[d] - solution[d]));
      return most;
    };
    EXPECT_LT(distance({.solver = AlsSolver::kCholesky}, 1), 1e-4F);
    EXPECT_GT(distance({.solver = AlsSolver::kBlocks, .block = 5}, 1), 1e-3F);
    EXPECT_LT(distance({.solver = AlsSolver::kBlocks, .block = 5}, 60), 1e-4F);
  }
}

TEST(Ials, FoldingInIsTheExactLeastSquaresSolution) {
  const auto interactions = two_tastes(60, 40);
  auto ials = make<Ials>({{"factors", 12}, {"strength", 2}});
  ASSERT_TRUE(ials.train({interactions}, {}).ok());
  const std::size_t dim = 12;
  const auto factors = ials.item_factors().factors();
  const double alpha0 = ials.params().at("alpha0");
  std::size_t active = 0;
  for (const auto count : interactions.item_counts()) active += count > 0 ? 1 : 0;
  const double lambda = ials.params().at("strength") / (alpha0 * static_cast<double>(active));

  for (const UserIndex user : {0U, 1U, 17U}) {  // users of the training set, by what they did
    const auto row = interactions.row(user);
    std::vector<double> matrix(dim * dim, 0);
    std::vector<double> solution(dim, 0);
    const auto add = [&](std::size_t item, double weight) {
      for (std::size_t a = 0; a < dim; ++a) {
        for (std::size_t b = 0; b < dim; ++b)
          matrix[a * dim + b] += weight * factors[item * dim + a] * factors[item * dim + b];
      }
    };
    for (std::size_t item = 0; item < ials.items(); ++item) add(item, alpha0);
    for (const auto item : row) {
      add(item, 1);
      for (std::size_t a = 0; a < dim; ++a) solution[a] += factors[item * dim + a];
    }
    for (std::size_t a = 0; a < dim; ++a) {
      matrix[a * dim + a] += lambda * (static_cast<double>(row.size()) + alpha0 * static_cast<double>(active));
    }
    Cholesky::of(dim, matrix).value().solve(solution);
    const auto folded = ials.item_factors().fold_in(history({row.begin(), row.end()}));
    for (std::size_t a = 0; a < dim; ++a) EXPECT_NEAR(folded[a], solution[a], 1e-4);
  }
}

TEST(Ials, TellsTastesApart) {
  auto ials = make<Ials>({{"factors", 8}, {"strength", 2}});
  ASSERT_TRUE(ials.train({two_tastes(60, 40)}, {}).ok());
  const auto scores = scores_of(ials, history({0, 1, 2}));
  float near = 0;
  float far = 0;
  for (std::size_t i = 3; i < 20; ++i) near += scores[i];
  for (std::size_t i = 20; i < 40; ++i) far += scores[i];
  EXPECT_GT(near / 17, 2 * far / 20);
}

TEST(Ials, AStrengthThatWouldCollapseIsWeakened) {
  auto ials = make<Ials>({{"factors", 8}, {"strength", 1000}});
  ASSERT_TRUE(ials.train({two_tastes(60, 40)}, {}).ok());
  EXPECT_LT(ials.params().at("strength"), 1000);
  const auto scores = scores_of(ials, history({0, 1, 2}));
  EXPECT_GT(*std::ranges::max_element(scores), 0.01F);
}

TEST(Ials, ItemsNobodyTouchedChangeNothing) {
  auto small = make<Ials>({{"factors", 8}, {"strength", 2}});
  ASSERT_TRUE(small.train({two_tastes(60, 40)}, {}).ok());
  const auto scores = scores_of(small, history({0, 1}));

  const auto tastes = two_tastes(60, 40);
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < tastes.users(); ++user) {
    for (const auto item : tastes.row(user)) cells.push_back({user, item, 1.0F, 0});
  }
  auto large = make<Ials>({{"factors", 8}, {"strength", 2}});
  ASSERT_TRUE(large.train({Interactions::from(cells, 60, 90)}, {}).ok());
  const auto wider = scores_of(large, history({0, 1}));
  for (std::size_t i = 0; i < 40; ++i) EXPECT_NEAR(scores[i], wider[i], 1e-3);
  for (std::size_t i = 40; i < 90; ++i) EXPECT_EQ(wider[i], 0.0F);
}

TEST(ContentMap, RanksAColdItemWithItsLike) {
  const std::size_t items = 40;
  const auto tastes = two_tastes(60, items);
  std::vector<Interaction> cells;  // items 0 and 39 are new: nobody has touched them
  for (UserIndex user = 0; user < tastes.users(); ++user) {
    for (const auto item : tastes.row(user)) {
      if (item != 0 && item != 39) cells.push_back({user, item, 1.0F, 0});
    }
  }
  const auto interactions = Interactions::from(cells, 60, items);
  const auto features = half_features(items);
  auto map = make<ContentMap>({{"factors", 8}, {"strength", 2}, {"ridge", 10}});
  ASSERT_TRUE(map.train({interactions, &features}, {}).ok());
  const auto first_half = scores_of(map, history({1, 2, 3}));
  const auto second_half = scores_of(map, history({30, 31, 32}));
  EXPECT_GT(first_half[0], first_half[39]);
  EXPECT_GT(second_half[39], second_half[0]);
}

}  // namespace
}  // namespace zhiyin
