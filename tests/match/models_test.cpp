// What every matching model promises, asked of each.
#include <gtest/gtest.h>

#include <limits>

#include "match/worlds.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

class EveryModel : public testing::TestWithParam<std::string_view> {
 protected:
  // Small settings where the model has them, so that the suite is quick.
  static std::unique_ptr<Model> make(bool leans = true) {
    Params params;
    for (const auto& range : param_ranges(GetParam())) {
      if (range.name == "factors") params["factors"] = 8;
      if (range.name == "lean" && !leans) params["lean"] = 0;
    }
    if (GetParam() == "ensemble" && !leans) params = {{"ials.lean", 0}, {"ease.lean", 0}, {"spectral.lean", 0}};
    return make_model(GetParam(), params).value();
  }
  static Result<void> train(Model& model, const Interactions& interactions, std::uint64_t seed = 42, int threads = 1) {
    const auto features = half_features(interactions.items());
    const auto tower = half_tower(features);
    return model.train({interactions, &features, &tower}, {.seed = seed, .threads = threads});
  }
  const Interactions tastes_ = two_tastes(40, 30);
};

TEST_P(EveryModel, ScoresTheSameAfterSaveAndLoad) {
  const auto trained = make();
  ASSERT_TRUE(train(*trained, tastes_).ok());
  const TemporaryFolder folder;
  Tensors saved;
  trained->save(saved);
  ASSERT_TRUE(saved.save(folder / "model").ok());

  const auto loaded = make();
  const auto tensors = Tensors::open(folder / "model");
  ASSERT_TRUE(tensors.ok()) << tensors.error().message;
  ASSERT_TRUE(loaded->load(*tensors).ok());
  ASSERT_EQ(loaded->items(), trained->items());
  for (const auto& who : {history({1, 4, 20}), history({}), history({2}, {3.0F})}) {
    const auto before = scores_of(*trained, who);
    const auto after = scores_of(*loaded, who);
    for (std::size_t i = 0; i < before.size(); ++i)
      EXPECT_NEAR(before[i], after[i], 1e-5F * (1 + std::abs(before[i]))) << i;
  }
}

TEST_P(EveryModel, RepeatsBitByBitForASeed) {
  const auto one = make();
  const auto two = make();
  ASSERT_TRUE(train(*one, tastes_, 5, 2).ok());
  ASSERT_TRUE(train(*two, tastes_, 5, 2).ok());
  EXPECT_EQ(scores_of(*one, history({1, 2, 9})), scores_of(*two, history({1, 2, 9})));
}

TEST_P(EveryModel, ScoresAnEmptyHistoryFinitely) {
  const auto model = make();
  ASSERT_TRUE(train(*model, tastes_).ok());
  EXPECT_TRUE(all_finite(scores_of(*model, history({}))));
}

TEST_P(EveryModel, SharesAddUpToTheScore) {
  const auto model = make(false);
  ASSERT_TRUE(train(*model, tastes_).ok());
  const auto who = history({0, 3, 5, 17}, {1, 2, 0.5F, 1});
  const auto scores = scores_of(*model, who);
  for (const ItemIndex item : {1U, 8U, 22U}) {
    const auto shares = model->explain(who, item);
    if (shares.empty()) continue;  // this model, or this item, has no reasons
    float sum = 0;
    for (std::size_t k = 0; k < shares.size(); ++k) {
      sum += shares[k].share;
      if (k > 0) {
        EXPECT_GE(shares[k - 1].share, shares[k].share);
      }
    }
    EXPECT_NEAR(sum, scores[item], 1e-4);
  }
}

TEST_P(EveryModel, ShortcutsSayWhatTheLongWaySays) {
  const auto model = make();
  const auto cold = two_tastes(40, 26);  // the last four items are untouched
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < cold.users(); ++user) {
    for (const auto item : cold.row(user)) cells.push_back({user, item, 1.0F, 0});
  }
  ASSERT_TRUE(train(*model, Interactions::from(cells, 40, 30)).ok());
  const auto who = history({0, 3, 5, 17}, {1, 2, 0.5F, 1});
  const auto scores = scores_of(*model, who);
  const std::vector<ItemIndex> some = {27, 4, 28, 0, 29};
  std::vector<float> few(some.size());
  model->score_some(who, some, few);
  const auto shares = model->explain_all(who, some, 2);
  ASSERT_EQ(shares.size(), some.size());
  for (std::size_t k = 0; k < some.size(); ++k) {
    EXPECT_NEAR(few[k], scores[some[k]], 1e-4F * (1 + std::abs(few[k])));
    const auto all = model->explain(who, some[k]);
    ASSERT_EQ(shares[k].size(), std::min<std::size_t>(2, all.size()));
    for (std::size_t s = 0; s < shares[k].size(); ++s) EXPECT_NEAR(shares[k][s].share, all[s].share, 1e-4);
  }
  const auto vectors = model->item_vectors();
  if (vectors.dim == 0) return;
  const auto query = model->query(who);
  for (std::size_t item = 0; item < scores.size(); ++item) {
    float product = 0;
    for (std::size_t d = 0; d < vectors.dim; ++d) product += query[d] * vectors.rows[item * vectors.dim + d];
    EXPECT_NEAR(product, scores[item], 1e-4F * (1 + std::abs(product)));
  }
}

TEST_P(EveryModel, DegenerateDataGivesAnErrorOrFiniteScores) {
  const std::pair<const char*, Interactions> worlds[] = {
      {"no interactions", world("\n\n", 5)},
      {"nobody", world("", 5)},
      {"one user", world("0 1 2", 5)},
      {"one item", world("0\n0\n0", 1)},
      {"one cell", world("0", 1)},
      {"all alike", world("0 1\n0 1\n0 1\n0 1", 2)},
      {"untouched items", world("0 1\n1 2", 50)},
      {"everybody everything", world("0 1 2\n0 1 2\n0 1 2", 3)},
      {"fewer than factors", world("0 1\n2", 3)},
  };
  for (const auto& [name, interactions] : worlds) {
    const auto model = make();
    const auto trained = train(*model, interactions);
    if (!trained.ok()) {
      EXPECT_EQ(trained.error().code, ErrorCode::kInvalid) << name << ": " << trained.error().message;
      EXPECT_FALSE(trained.error().message.empty()) << name;
      continue;
    }
    for (const auto& who : {history({}), history({0})}) EXPECT_TRUE(all_finite(scores_of(*model, who))) << name;
  }
}

TEST_P(EveryModel, AnEmptyFileIsNotAModel) {
  const auto model = make();
  const auto loaded = model->load(Tensors{});
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kCorrupt);
}

INSTANTIATE_TEST_SUITE_P(Models, EveryModel, testing::ValuesIn(model_names()),
                         [](const auto& each) { return std::string(each.param); });

class EveryCollaborativeModel : public EveryModel {};

// All but those that look at content alone, mf, which predicts a rating for whoever it is, and random.
std::vector<std::string_view> collaborative_names() {
  auto names = model_names();
  std::erase_if(names,
                [](std::string_view name) { return name.starts_with("content_") || name == "mf" || name == "random"; });
  return names;
}

TEST_P(EveryCollaborativeModel, RanksAnEmptyHistoryByPopularity) {
  const auto model = make();
  ASSERT_TRUE(train(*model, tastes_).ok());
  const auto scores = scores_of(*model, history({}));
  const auto counts = tastes_.item_counts();
  for (ItemIndex one = 0; one < counts.size(); ++one) {
    for (ItemIndex other = 0; other < counts.size(); ++other)
      EXPECT_EQ(counts[one] > counts[other], scores[one] > scores[other]) << one << " " << other;
  }
}

TEST_P(EveryCollaborativeModel, LoadsWhatWasSavedBeforePopularityWas) {
  const auto trained = make(false);
  ASSERT_TRUE(train(*trained, tastes_).ok());
  Tensors saved;
  trained->save(saved);
  Tensors older;
  older.metadata = saved.metadata;
  for (const auto& [name, tensor] : saved.all()) {
    if (!name.ends_with("popularity") && !name.ends_with("popularity_of")) older.put(name, tensor);
  }
  const auto loaded = make(false);
  ASSERT_TRUE(loaded->load(older).ok());
  EXPECT_TRUE(all_finite(scores_of(*loaded, history({}))));
  const auto before = scores_of(*trained, history({1, 4, 20}));
  const auto after = scores_of(*loaded, history({1, 4, 20}));
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_NEAR(before[i], after[i], 1e-5F * (1 + std::abs(before[i]))) << i;
}

INSTANTIATE_TEST_SUITE_P(Models, EveryCollaborativeModel, testing::ValuesIn(collaborative_names()),
                         [](const auto& each) { return std::string(each.param); });

TEST(Registry, AnUnknownModelNamesTheNearest) {
  const auto made = make_model("itemkn", {});
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("itemknn"), std::string::npos);
}

TEST(Registry, AnUnknownSettingNamesTheNearest) {
  const auto made = make_model("ials", {{"factor", 8}});
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("factors"), std::string::npos);
}

TEST(Registry, SettingsThatCannotBeMeantAreRefused) {
  for (const double value : {-1.0, std::nan(""), std::numeric_limits<double>::infinity(), 1e12}) {
    EXPECT_FALSE(make_model("ials", {{"factors", value}}).ok()) << value;
  }
}

TEST(Registry, DefaultsLieInTheirRange) {
  for (const auto name : model_names()) {
    for (const auto& range : param_ranges(name)) {
      EXPECT_LE(range.low, range.initial) << name << " " << range.name;
      EXPECT_LE(range.initial, range.high) << name << " " << range.name;
    }
  }
}

}  // namespace
}  // namespace zhiyin
