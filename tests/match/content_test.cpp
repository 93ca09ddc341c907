// Whitening, and the models that stand on it, against their formulas written out plainly in double.
#include <gtest/gtest.h>

#include "base/kernels/linalg.h"
#include "match/content/content_blend.h"
#include "match/content/whitening.h"
#include "match/linear/spectral.h"
#include "match/linear/spectral_walk.h"
#include "match/standard_score.h"
#include "match/worlds.h"

namespace zhiyin {
namespace {

std::unique_ptr<Model> trained(std::string_view name, const Params& params, const Interactions& interactions,
                               const ItemFeatures& features) {
  auto model = make_model(name, params).value();
  const auto done = model->train({interactions, &features}, {.threads = 2});
  EXPECT_TRUE(done.ok()) << done.error().message;
  return model;
}

// two_tastes() with some items that nobody has touched.
Interactions two_tastes_without(std::size_t users, std::size_t items, const std::vector<ItemIndex>& cold) {
  const auto tastes = two_tastes(users, items);
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < users; ++user) {
    for (const auto item : tastes.row(user)) {
      if (std::ranges::find(cold, item) == cold.end()) cells.push_back({user, item, 1.0F, 0});
    }
  }
  return Interactions::from(cells, users, items);
}

TEST(Whitening, GivesEveryAxisTheSameSpread) {
  // One axis a hundred times as wide as the other and both mixed: unwhitened, the wide one alone decides who is alike.
  Random random(5);
  ItemFeatures features{2, {}, {{.dim = 2, .neighbours = {.weight = 1, .shrink = 0}, .kernel = {}}}};
  for (int item = 0; item < 400; ++item) {
    const float wide = 100 * random.normal();
    const float narrow = random.normal();
    features.rows.insert(features.rows.end(), {7 + wide + narrow, wide - narrow});
  }
  const auto rows = whitened(&features, 400, &ModalityBlock::neighbours, 1).value();
  double squares[2] = {0, 0};
  for (std::size_t k = 0; k < rows.size(); ++k) squares[k % 2] += double{rows[k]} * rows[k];
  EXPECT_NEAR(squares[0] / 400, 0.5, 0.05);
  EXPECT_NEAR(squares[1] / 400, 0.5, 0.05);
}

TEST(Whitening, WeighsModalitiesAndLeavesOutThoseAnItemLacks) {
  ItemFeatures features{
      3,
      {},
      {{.dim = 2, .neighbours = {.weight = 1}, .kernel = {}}, {.dim = 1, .neighbours = {.weight = 2}, .kernel = {}}}};
  features.rows = {1, 0, 5, 0, 1, -5, -1, 0, 0, 0, 0, 0, 0, 0, 3};
  const auto rows = whitened(&features, 5, &ModalityBlock::neighbours, 1).value();
  const auto square = [&](std::size_t item, std::size_t first, std::size_t count) {
    double sum = 0;
    for (std::size_t d = first; d < first + count; ++d) sum += double{rows[item * 3 + d]} * rows[item * 3 + d];
    return sum;
  };
  EXPECT_NEAR(square(0, 0, 2), 0.2, 1e-5);  // 1 : 2 in length
  EXPECT_NEAR(square(0, 2, 1), 0.8, 1e-5);
  EXPECT_NEAR(square(2, 0, 2), 1, 1e-5);  // only the first modality
  EXPECT_EQ(square(2, 2, 1), 0);
  EXPECT_EQ(square(3, 0, 3), 0);  // nothing is known
  EXPECT_NEAR(square(4, 2, 1), 1, 1e-5);
}

TEST(Whitening, ItemsThatAreAllAlikeAreNotBlownUp) {
  ItemFeatures features{3, {}};
  for (int item = 0; item < 7; ++item) features.rows.insert(features.rows.end(), {0.1F, 0.7F, 12.3F});
  const auto rows = whitened(&features, 7, &ModalityBlock::kernel, 1).value();
  EXPECT_EQ(rows, std::vector<float>(21, 0.0F));
}

TEST(Whitening, RefusesWhatDoesNotFit) {
  const auto features = half_features(10);
  EXPECT_FALSE(whitened(&features, 11, &ModalityBlock::kernel, 1).ok());
  EXPECT_FALSE(whitened(nullptr, 10, &ModalityBlock::kernel, 1).ok());
  auto blocks = features;
  blocks.blocks.push_back({.dim = 3, .neighbours = {}, .kernel = {}});
  EXPECT_FALSE(whitened(&blocks, 10, &ModalityBlock::kernel, 1).ok());
  auto broken = features;
  broken.rows[4] = std::nanf("");
  EXPECT_FALSE(whitened(&broken, 10, &ModalityBlock::kernel, 1).ok());
}

// N of spectral_walk.h as a dense matrix, its scores through the eigenvectors of N'N.
TEST(SpectralWalk, IsTheDenseFormula) {
  constexpr std::size_t kItems = 9;
  const auto interactions = world("0 1 2 3 4 5\n0 1\n1 2\n6 7\n7 8 6\n0 8\n3 4", kItems);
  const SpectralWalk::Options options{.rank = kItems, .user_cap = 3, .user_smoothing = 2, .item_smoothing = 1};
  const auto walk = SpectralWalk::fit(interactions, options, {}).value();

  std::vector<double> item_sum(kItems, 1);
  std::vector<double> user_sum(interactions.users(), 2);
  const auto weight = [&](UserIndex user) {
    return std::min(1.0, 3.0 / static_cast<double>(interactions.row(user).size()));
  };
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    for (const auto item : interactions.row(user)) {
      item_sum[item] += weight(user);
      user_sum[user] += weight(user);
    }
  }
  std::vector<double> gram(kItems * kItems, 0);
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    for (const auto a : interactions.row(user)) {
      for (const auto b : interactions.row(user))
        gram[a * kItems + b] += weight(user) * weight(user) / user_sum[user] / std::sqrt(item_sum[a] * item_sum[b]);
    }
  }
  const auto eigen = symmetric_eigen(kItems, gram).value();
  constexpr double kPower = 3;
  const auto damping = walk.damping(kPower);
  const auto profile = walk.profile(history({1, 7}, {1, 2}));
  for (std::size_t j = 0; j < kItems; ++j) {
    double wanted = 0;
    for (std::size_t k = 0; k < kItems; ++k) {
      const auto* v = eigen.vectors.data() + k * kItems;
      const double along = v[1] / std::sqrt(item_sum[1]) + 2 * v[7] / std::sqrt(item_sum[7]);
      wanted += std::pow(std::sqrt(std::max(eigen.values[k], 0.0) / eigen.values.back()), kPower) * along * v[j];
    }
    double score = 0;
    for (std::size_t d = 0; d < walk.dim(); ++d)
      score += walk.vector(static_cast<ItemIndex>(j))[d] * damping[d] * profile[d];
    EXPECT_NEAR(score, wanted, 1e-4) << j;
  }
}

TEST(Spectral, TellsTastesApart) {
  const auto model = trained("spectral", {{"factors", 8}}, two_tastes(60, 40), half_features(40));
  const auto scores = scores_of(*model, history({0, 1, 2}));
  float near = 0;
  float far = 0;
  for (std::size_t i = 3; i < 20; ++i) near += scores[i] / 17;
  for (std::size_t i = 20; i < 40; ++i) far += scores[i] / 20;
  EXPECT_GT(near, far + 1);
}

TEST(Spectral, HowFarItWalksIsSaidByHowLongHistoriesAre) {
  const auto few = trained("spectral", {}, world("0 1\n1 2\n2 3\n0 3 4", 5), half_features(5));
  EXPECT_EQ(few->params().at("power"), 12);
  EXPECT_EQ(few->params().at("user_cap"), 3);
  const auto many = trained("spectral", {}, world("0 1 2 3 4 5\n0 1 2 3 4 6\n0 1 2 3 4 5 6", 7), half_features(7));
  EXPECT_EQ(many->params().at("power"), 1.7);
  EXPECT_EQ(many->params().at("user_cap"), 6);
  const auto given = trained("spectral", {{"power", 3}}, world("0 1\n1 2\n2 3\n0 3 4", 5), half_features(5));
  EXPECT_EQ(given->params().at("power"), 3);
}

TEST(Spectral, AUserWhoDidEverythingDoesNotOwnTheMatrix) {
  // Five people like 0 and 1, five like 2 and 3, one has touched all ten. Capped, he barely links the two camps.
  const auto interactions = world("0 1\n0 1\n0 1\n0 1\n0 1\n2 3\n2 3\n2 3\n2 3\n2 3\n0 1 2 3 4 5 6 7 8 9", 10);
  const auto link = [&](double cap) {
    const auto model = trained(
        "spectral", {{"factors", 10}, {"user_cap", cap}, {"item_smoothing", 1}, {"second_weight", 0}, {"power", 2}},
        interactions, half_features(10));
    const auto scores = scores_of(*model, history({0}));
    return (scores[4] - scores[2]) / (scores[1] - scores[2]);  // how near an item of his alone comes
  };
  EXPECT_LT(link(1), link(10));
}

TEST(ContentKnn, IsTheSquareOfWhitenedCosinesSharedOut) {
  constexpr std::size_t kItems = 30;
  constexpr std::size_t kKeep = 4;
  const auto features = half_features(kItems);
  const auto interactions = two_tastes_without(40, kItems, {0, 29});
  const auto model = trained("content_knn", {{"neighbours", kKeep}}, interactions, features);
  const auto rows = whitened(&features, kItems, &ModalityBlock::neighbours, 1).value();
  for (const ItemIndex target : {0U, 7U, 29U}) {
    std::vector<std::pair<double, ItemIndex>> alike;
    for (ItemIndex i = 1; i < kItems - 1; ++i) {
      double cosine = 0;
      for (std::size_t d = 0; d < 4; ++d) cosine += double{rows[i * 4 + d]} * rows[target * 4 + d];
      if (i != target && cosine > 0) alike.emplace_back(-cosine, i);
    }
    std::ranges::sort(alike);
    alike.resize(kKeep);
    double sum = 0;
    for (const auto& [negative, item] : alike) sum += negative * negative;
    for (const auto& [negative, item] : alike)
      EXPECT_NEAR(scores_of(*model, history({item}))[target], negative * negative / sum, 1e-4);
    EXPECT_EQ(scores_of(*model, history({target == 0 ? 29U : 0U}))[target],
              0.0F);  // nobody has touched it: no neighbour
  }
}

TEST(ContentKernel, PredictsWhereAColdItemStands) {
  constexpr std::size_t kItems = 12;
  const std::vector<ItemIndex> cold = {0, 11};
  const auto interactions = two_tastes_without(30, kItems, cold);
  const auto features = half_features(kItems);
  const Params params = {{"factors", 4}, {"power", 2}, {"ridge", 0.5}, {"gamma", 1}, {"constant", 0.3}};
  const auto model = trained("content_kernel", params, interactions, features);

  const auto walk = SpectralWalk::fit(interactions, {.rank = 4}, {}).value();
  const auto rows = whitened(&features, kItems, &ModalityBlock::kernel, 1).value();
  const auto kernel = [&](std::size_t a, std::size_t b) {
    double cosine = 0;
    for (std::size_t d = 0; d < 4; ++d) cosine += double{rows[a * 4 + d]} * rows[b * 4 + d];
    return std::exp(-(2 - 2 * cosine)) + 0.3;
  };
  constexpr std::size_t kWarm = kItems - 2;  // items 1 .. 10
  std::vector<double> system(kWarm * kWarm);
  for (std::size_t a = 0; a < kWarm; ++a) {
    for (std::size_t b = 0; b < kWarm; ++b) system[a * kWarm + b] = kernel(a + 1, b + 1) + (a == b ? 0.5 : 0);
  }
  const auto solver = Cholesky::of(kWarm, system).value();
  const auto who = history({2, 9});
  const auto profile = walk.profile(who);
  const auto damping = walk.damping(2);
  const auto scores = scores_of(*model, who);
  for (const auto item : cold) {
    std::vector<double> alpha(kWarm);
    for (std::size_t b = 0; b < kWarm; ++b) alpha[b] = kernel(item, b + 1);
    solver.solve(alpha);
    double wanted = 0;
    for (std::size_t b = 0; b < kWarm; ++b) {
      for (std::size_t d = 0; d < walk.dim(); ++d)
        wanted += alpha[b] * walk.vector(static_cast<ItemIndex>(b + 1))[d] * damping[d] * profile[d];
    }
    EXPECT_NEAR(scores[item], wanted, 1e-3) << item;
  }
}

TEST(ContentBlend, IsTheSumOfBothOnOneScaleOverColdItems) {
  constexpr std::size_t kItems = 30;
  const std::vector<ItemIndex> cold = {0, 5, 20, 29};
  const auto interactions = two_tastes_without(40, kItems, cold);
  const auto features = half_features(kItems);
  const auto blend = trained("content_blend", {{"factors", 8}, {"kernel_weight", 0.5}}, interactions, features);
  const auto near = trained("content_knn", {}, interactions, features);
  const auto predicted = trained("content_kernel", {{"factors", 8}}, interactions, features);
  const auto who = history({1, 2, 3});
  const auto scores = scores_of(*blend, who);
  const auto a = scores_of(*near, who);
  const auto b = scores_of(*predicted, who);
  const auto scale_a = standard_scale(a, cold);
  const auto scale_b = standard_scale(b, cold);
  for (std::size_t i = 0; i < kItems; ++i) EXPECT_NEAR(scores[i], scale_a.of(a[i]) + 0.5 * scale_b.of(b[i]), 1e-4);
  for (const auto first : {0U, 5U}) {
    for (const auto second : {20U, 29U}) EXPECT_GT(scores[first], scores[second]);
  }
}

TEST(ContentBlend, AFewUntouchedItemsAreScoredByThemselvesAsAmongAll) {
  constexpr std::size_t kItems = 30;
  const std::vector<ItemIndex> cold = {0, 5, 20, 29};
  const auto interactions = two_tastes_without(40, kItems, cold);
  const auto blend = trained("content_blend", {{"factors", 8}}, interactions, half_features(kItems));
  const auto who = history({1, 2, 3, 17}, {1, 2, 0.5F, 1});
  const auto scores = scores_of(*blend, who);
  const std::vector<ItemIndex> some = {29, 0, 20};
  std::vector<float> few(some.size());
  blend->score_some(who, some, few);
  for (std::size_t k = 0; k < some.size(); ++k) EXPECT_NEAR(few[k], scores[some[k]], 1e-4) << some[k];
}

TEST(ContentBlend, WithoutBehaviourTheNeighboursSpeakAlone) {
  const auto model = trained("content_blend", {}, world("", 20), half_features(20));
  const auto scores = scores_of(*model, history({1, 2}));
  EXPECT_GT(scores[5], scores[15]);
  Tensors saved;
  model->save(saved);
  const auto loaded = make_model("content_blend", {}).value();
  ASSERT_TRUE(loaded->load(saved).ok());
  EXPECT_EQ(scores_of(*loaded, history({1, 2})), scores);
}

TEST(Hybrid, IsCollectiveEase) {
  constexpr std::size_t kItems = 10;
  constexpr double kContent = 3;
  const auto interactions = two_tastes(20, kItems);
  const auto features = half_features(kItems);
  const auto model = trained("hybrid", {{"lambda", 2}, {"content", kContent}, {"user_cap", 3}}, interactions, features);
  const auto rows = whitened(&features, kItems, &ModalityBlock::neighbours, 1).value();
  std::vector<double> gram(kItems * kItems, 0);
  for (std::size_t i = 0; i < kItems; ++i) {
    for (std::size_t j = 0; j < kItems; ++j) {
      for (std::size_t d = 0; d < features.dim; ++d)
        gram[i * kItems + j] += kContent * rows[i * features.dim + d] * rows[j * features.dim + d];
    }
    gram[i * kItems + i] += 2.001;
  }
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    const auto row = interactions.row(user);
    for (const auto i : row) {
      for (const auto j : row) gram[i * kItems + j] += std::min(1.0, 3.0 / static_cast<double>(row.size()));
    }
  }
  std::vector<double> inverse(kItems * kItems, 0);
  for (std::size_t i = 0; i < kItems; ++i) inverse[i * kItems + i] = 1;
  Cholesky::of(kItems, gram).value().solve(inverse, kItems);
  for (ItemIndex i = 0; i < kItems; ++i) {
    const auto scores = scores_of(*model, history({i}));
    for (std::size_t j = 0; j < kItems; ++j)
      EXPECT_NEAR(scores[j], i == j ? 0 : -inverse[i * kItems + j] / inverse[j * kItems + j], 1e-4) << i << " " << j;
  }
}

TEST(Hybrid, AColdItemStandsWithItsLikeAndSpeaksForThem) {
  const auto interactions = two_tastes_without(60, 40, {0, 39});
  const auto model = trained("hybrid", {{"lambda", 10}}, interactions, half_features(40));
  EXPECT_TRUE(model->scores_cold_items());
  const auto first_half = scores_of(*model, history({1, 2, 3}));
  const auto second_half = scores_of(*model, history({30, 31, 32}));
  EXPECT_GT(first_half[0], first_half[39]);
  EXPECT_GT(second_half[39], second_half[0]);
  const auto from_cold = scores_of(*model, history({0}));
  float near = 0;
  float far = 0;
  for (std::size_t i = 1; i < 20; ++i) near += from_cold[i];
  for (std::size_t i = 20; i < 39; ++i) far += from_cold[i];
  EXPECT_GT(near, far);
}

}  // namespace
}  // namespace zhiyin
