// Who orders what the sources found: quotas, a home's own ranker, or an ONNX file that was trained elsewhere.
#include "feed/recommend/ranking.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "feed/recommend/onnx_ranker.h"
#include "support/tiny_networks.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// People like a, b, c and d by that order of numbers; nobody has touched "new".
void alphabet(World& world) {
  world.items(R"(
    a    The first    | letters
    b    The second   | letters
    c    The third    | letters
    d    The fourth   | letters
    new  Just here    | something
    x    Of Ann       | numbers)");
  world.events(R"(
    u1 like a
    u2 like a
    u3 like a
    u4 like a
    u1 like b
    u2 like b
    u3 like b
    u1 like c
    u2 like c
    u1 like d
    u1 like x
    ann like x)");
  world.train();
}

// A ranker from a function of a row.
template <typename Score>
class By final : public CandidateRanker {
 public:
  explicit By(Score score) : score_(std::move(score)) {}
  [[nodiscard]] Result<std::vector<float>> score(std::span<const float> values) const override {
    std::vector<float> all;
    for (std::size_t at = 0; at < values.size(); at += kRankColumns.size())
      all.push_back(score_(values.subspan(at, kRankColumns.size())));
    return all;
  }

 private:
  Score score_;
};
template <typename Score>
std::shared_ptr<const CandidateRanker> by(Score score) {
  return std::make_shared<By<Score>>(std::move(score));
}
float column(std::span<const float> row, RankColumn which) { return row[static_cast<std::size_t>(which)]; }

TEST(Ranking, TheRankerOrdersTheSlateAndFreshItemsKeepTheirQuota) {
  World world;
  alphabet(world);
  world.recommender->set_ranker(by([](auto row) { return -column(row, RankColumn::kLikes); }));
  EXPECT_THAT(world.recommend("ann", 5), ElementsAre("d", "c", "b", "a", "new")) << "the least liked first";
  world.recommender->set_ranker(by([](auto row) { return column(row, RankColumn::kLikes); }));
  EXPECT_THAT(world.recommend("ann", 5), ElementsAre("a", "b", "c", "d", "new"));
  world.recommender->set_options({.fresh_quota = 0.9});
  EXPECT_THAT(world.recommend("ann", 2), ElementsAre("new", "a"));
}

TEST(Ranking, ARowSaysWhatIsKnownOfACandidate) {
  World world;
  alphabet(world);
  world.events("ann dislike d");
  const auto rows = world.recommender->ranking_rows({UserId("ann")}).value();
  ASSERT_EQ(rows.values.size(), rows.candidates.size() * kRankColumns.size());
  ASSERT_EQ(rows.candidates.size(), 3U) << "neither seen nor fresh";
  for (std::size_t k = 0; k < rows.candidates.size(); ++k) {
    const auto row = std::span(rows.values).subspan(k * kRankColumns.size(), kRankColumns.size());
    if (world.view->item(rows.candidates[k].item).id != ItemId("a")) continue;
    EXPECT_NEAR(column(row, RankColumn::kLikes), std::log2(1 + 4.0), 1e-5);
    EXPECT_EQ(column(row, RankColumn::kPopular), 1) << "the most popular";
    EXPECT_EQ(column(row, RankColumn::kPopularRank), 1);
    EXPECT_NEAR(column(row, RankColumn::kHistory), std::log2(2.0), 1e-5);
    EXPECT_EQ(column(row, RankColumn::kAgeDays), -1) << "nobody said when it came out";
    EXPECT_EQ(column(row, RankColumn::kTags), 0) << "Ann likes numbers";
    EXPECT_GT(column(row, RankColumn::kContentDisliked), column(row, RankColumn::kContentLiked))
        << "letters, as what she dislikes";
  }
}

TEST(Ranking, ARankerThatFailsCostsTheOrderAndNotThePage) {
  class Fails final : public CandidateRanker {
    [[nodiscard]] Result<std::vector<float>> score(std::span<const float>) const override { return internal("broken"); }
  };
  World world;
  alphabet(world);
  const auto by_quota = world.recommend("ann", 5);
  world.recommender->set_ranker(std::make_shared<Fails>());
  const auto slate = world.slate("ann", 5);
  EXPECT_THAT(slate.degraded, ElementsAre("rank"));
  EXPECT_EQ(slate.items.size(), by_quota.size());
  world.recommender->set_ranker(by([](auto) { return std::nanf(""); }));
  EXPECT_THAT(world.slate("ann", 5).degraded, ElementsAre("rank")) << "a score that is none";
  world.recommender->set_ranker(nullptr);
  EXPECT_THAT(world.slate("ann", 5).degraded, IsEmpty());
}

// score = 3 - (the first column): `outputs` numbers a row, the last of them the score.
std::string network(std::int64_t columns, std::int64_t outputs, bool fixed_rows = false) {
  tiny::Weights weights(1);
  std::vector<float> w(static_cast<std::size_t>(columns * outputs), 0.0F);
  w[static_cast<std::size_t>(outputs - 1)] = -1;
  weights.set("score.w", w);
  weights.set("score.b", std::vector<float>(static_cast<std::size_t>(outputs), 3.0F));
  tiny::Writer writer(weights);
  const auto rows = writer.input("rows", OnnxType::kFloat, {fixed_rows ? 1 : -1, columns});
  writer.output(writer.linear(rows, "score", static_cast<int>(columns), static_cast<int>(outputs)), "score",
                OnnxType::kFloat, {fixed_rows ? 1 : -1, outputs});
  return writer.model.serialize();
}

class OnnxRanking : public testing::Test {
 protected:
  Result<std::shared_ptr<const CandidateRanker>> open(const std::string& bytes, const OnnxRankerOptions& options) {
    EXPECT_TRUE(write_file_atomic(folder / "ranker.onnx", bytes).ok());
    return open_onnx_ranker(folder.path(), options);
  }
  TemporaryFolder folder;
};

TEST_F(OnnxRanking, AFileThatWasTrainedElsewhereOrdersTheSlate) {
  World world;
  alphabet(world);
  for (const std::int64_t outputs : {1, 2}) {
    auto ranker = open(network(2, outputs), {.model = "ranker.onnx", .columns = "likes, history"});
    ASSERT_TRUE(ranker.ok()) << ranker.error().message;
    world.recommender->set_ranker(*ranker);
    EXPECT_THAT(world.recommend("ann", 4), ElementsAre("d", "c", "b", "a"));
    EXPECT_THAT(world.slate("ann", 4).degraded, IsEmpty());
  }
  EXPECT_TRUE(open(network(16, 1), {.model = "ranker.onnx"}).ok()) << "all columns";
}

TEST_F(OnnxRanking, WhatDoesNotFitIsSaidWhenItIsOpened) {
  const auto message = [&](const std::string& bytes, const OnnxRankerOptions& options) {
    const auto ranker = open(bytes, options);
    return ranker.ok() ? "opened" : ranker.error().message;
  };
  EXPECT_THAT(message(network(2, 1), {.model = "ranker.onnx", .columns = "likes, histroy"}),
              HasSubstr("there is no column histroy; the nearest is history"));
  EXPECT_THAT(message(network(3, 1), {.model = "ranker.onnx", .columns = "likes, history"}),
              HasSubstr("it reads 3 columns, 2 are named"));
  EXPECT_THAT(message(network(1, 3), {.model = "ranker.onnx", .columns = "likes"}), HasSubstr("shape [1, 3]"));
  EXPECT_THAT(message(network(1, 1), {.model = "ranker.onnx", .columns = "likes", .output = "scores"}),
              HasSubstr("the nearest is score"));
  EXPECT_THAT(message(network(1, 1, true), {.model = "ranker.onnx", .columns = "likes"}), HasSubstr("rank.model"))
      << "one row only";
  EXPECT_THAT(message("no model", {.model = "ranker.onnx"}), HasSubstr("rank.model = \"ranker.onnx\""));
  EXPECT_THAT(message(network(1, 1), {.model = "other.onnx"}), HasSubstr("other.onnx"));
}

}  // namespace
}  // namespace zhiyin
