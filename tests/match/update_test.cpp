// What models learn between trainings: as good as, or near, what a new training would give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/measure/metrics.h"
#include "base/measure/top_k.h"
#include "learn/eval/datasets.h"
#include "match/factors/ials.h"
#include "match/worlds.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

std::unique_ptr<Model> trained(std::string_view name, const Params& params, const Interactions& interactions) {
  auto model = make_model(name, params).value();
  const auto done = model->train({interactions}, {});
  EXPECT_TRUE(done.ok()) << done.error().message;
  return model;
}

// Everything of `all` but the cells that `later` picks out, and those cells.
struct Split {
  Interactions before;
  std::vector<Interaction> added;
};
template <typename Later>
Split split(const Interactions& all, std::size_t items_before, Later later, std::size_t users_before = 0) {
  std::vector<Interaction> kept;
  Split split;
  for (UserIndex user = 0; user < all.users(); ++user) {
    for (std::size_t k = 0; k < all.row(user).size(); ++k) {
      const Interaction cell{user, all.row(user)[k], all.weights(user)[k], all.times(user)[k]};
      (later(cell) ? split.added : kept).push_back(cell);
    }
  }
  split.before = Interactions::from(kept, users_before == 0 ? all.users() : users_before, items_before);
  return split;
}

std::unique_ptr<Model> updated(const Model& model, const Update& update) {
  auto next = model.updated(update);
  EXPECT_TRUE(next.ok()) << next.error().message;
  return std::move(next).value();
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

TEST(UpdatedPop, IsWhatTrainingWouldCount) {
  constexpr UnixSeconds kDay = 86'400;
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < 8; ++user)
    for (ItemIndex item = 0; item <= user; ++item) cells.push_back({user, item, 1.0F, kDay * (10 + user + item)});
  const auto all = Interactions::from(cells, 8, 8);
  const auto [before, added] = split(all, 7, [](const Interaction& cell) { return cell.time > 19 * kDay; });
  ASSERT_FALSE(added.empty());
  for (const double half_life : {0.0, 3.0}) {
    const auto old = trained("pop", {{"half_life_days", half_life}}, before);
    const auto next = updated(*old, {all, added});
    const auto fresh = trained("pop", {{"half_life_days", half_life}}, all);
    EXPECT_EQ(old->items(), 7U);
    EXPECT_THAT(scores_of(*next, {}), testing::Pointwise(testing::FloatNear(1e-5F), scores_of(*fresh, {})));
  }
}

TEST(UpdatedPop, TakesBackWhatWasTakenBack) {
  const auto all = world("0 1\n0", 2);
  const auto old = trained("pop", {}, all);
  const auto now = world("0\n0", 2);
  const std::vector<Interaction> removed = {{0, 1}};
  EXPECT_EQ(scores_of(*updated(*old, {now, {}, removed}), {}), (std::vector<float>{2, 0}));
}

class UpdatedItemKnn : public testing::TestWithParam<double> {};

// Users who did something had no row before, so that no pair of others is concerned.
TEST_P(UpdatedItemKnn, IsWhatTrainingWouldFindWhereAllNeighboursAreKept) {
  constexpr std::size_t kItems = 24;
  const auto all = two_tastes(40, kItems);
  const auto [before, added] = split(
      all, kItems - 1, [](const Interaction& cell) { return cell.user >= 34 || cell.item == kItems - 1; }, 34);
  const Params params = {{"bm25", GetParam()}, {"neighbours", kItems}, {"user_power", 0}, {"shrink", 2}};
  const auto next = updated(*trained("itemknn", params, before), {all, added, {}, 2});
  const auto fresh = trained("itemknn", params, all);
  ASSERT_EQ(next->items(), kItems);
  std::vector<ItemIndex> changed = changed_items({all, added});
  const auto who = history({0, 5, 13, 23});
  const auto want = scores_of(*fresh, who);
  const auto got = scores_of(*next, who);
  for (const auto item : changed)
    EXPECT_NEAR(got[item], want[item], GetParam() > 0 ? 0.03F * want[item] : 1e-5F) << item;  // bm25: its mean length
}

INSTANTIATE_TEST_SUITE_P(Weights, UpdatedItemKnn, testing::Values(0.0, 1.0));

TEST(UpdatedItemKnnLists, AnItemThatCameFindsItsNeighbours) {
  const auto before = world("0 1\n0 1\n2 3\n2 3\n0 1", 4);
  const auto now = world("0 1 4\n0 1 4\n2 3\n2 3\n0 1 4", 5);
  const std::vector<Interaction> added = {{0, 4}, {1, 4}, {4, 4}};
  const auto next = updated(*trained("itemknn", {}, before), {now, added});
  const auto scores = scores_of(*next, history({0}));
  EXPECT_GT(scores[4], 0);
  EXPECT_EQ(scores[2], 0);
  EXPECT_GT(scores_of(*next, history({4}))[1], 0);
}

TEST(UpdatedIals, MovesTowardsWhatTrainingWouldFind) {
  constexpr std::size_t kItems = 40;
  const auto all = two_tastes(80, kItems);
  // The last item comes later, and so do the last users.
  const auto [before, added] =
      split(all, kItems - 1, [](const Interaction& cell) { return cell.user >= 70 || cell.item == kItems - 1; });
  const Params params = {{"factors", 8}, {"strength", 2}};
  const auto old = trained("ials", params, before);
  const auto next = updated(*old, {all, added, {}, 2});
  const auto fresh = trained("ials", params, all);
  ASSERT_EQ(next->items(), kItems);
  for (const auto& who : {history({30, 31, 35}), history({0, 1, 2}), history({kItems - 1})}) {
    EXPECT_GT(cosine(scores_of(*next, who), scores_of(*fresh, who)), 0.98);
  }
  EXPECT_EQ(old->items(), kItems - 1);
}

TEST(UpdatedIals, WhereNothingChangedAConvergedRowStays) {
  constexpr std::size_t kItems = 20;
  const auto all = two_tastes(40, kItems);
  const auto old = trained("ials", {{"factors", 6}, {"strength", 2}, {"epochs", 60}, {"solver", 1}}, all);
  // A cell that was there before and is there now: nothing happened, so a converged row stays where it is.
  const UserIndex user = 2;
  const std::vector<Interaction> same = {{user, all.row(user)[0]}};
  const auto before = scores_of(*old, history({1, 2, 3}));
  const auto after = scores_of(*updated(*old, {all, same, same}), history({1, 2, 3}));
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before[i], after[i], 1e-3F) << i;
}

// Many small steps are one large one, but for what each of them already knew.
TEST(UpdatedIals, AfterAHundredStepsAnswersStayExplainable) {
  constexpr std::size_t kItems = 30;
  const auto all = two_tastes(60, kItems);
  const auto [before, added] = split(all, kItems, [](const Interaction& cell) { return cell.user >= 50; });
  std::unique_ptr<Model> model = trained("ials", {{"factors", 8}, {"strength", 2}, {"lean", 0}}, before);
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < before.users(); ++user)
    for (const auto item : before.row(user)) cells.push_back({user, item});
  for (const auto& cell : added) {
    cells.push_back(cell);
    const auto now = Interactions::from(cells, all.users(), kItems);
    model = updated(*model, {now, std::span(&cell, 1)});
  }
  const auto fresh = trained("ials", {{"factors", 8}, {"strength", 2}, {"lean", 0}}, all);
  const auto who = history({0, 3, 5, 17}, {1, 2, 0.5F, 1});
  const auto scores = scores_of(*model, who);
  EXPECT_GT(cosine(scores, scores_of(*fresh, who)), 0.97);
  float sum = 0;
  for (const auto& share : model->explain(who, 8)) sum += share.share;
  EXPECT_NEAR(sum, scores[8], 1e-4);
  const std::vector<ItemIndex> asked{8, 3};
  const auto shares = model->explain_all(who, asked, 4);
  sum = 0;
  for (const auto& share : shares[0]) sum += share.share;
  EXPECT_NEAR(sum, scores[8], 1e-3);

  // Who did nothing is answered as before: an update tells of some users, not of what everybody likes.
  EXPECT_EQ(scores_of(*model, {}),
            scores_of(*trained("ials", {{"factors", 8}, {"strength", 2}, {"lean", 0}}, before), {}));

  // Saved and loaded it says the same, and can learn on.
  Tensors saved;
  model->save(saved);
  auto loaded = make_model("ials", {{"factors", 8}, {"lean", 0}}).value();
  ASSERT_TRUE(loaded->load(saved).ok());
  EXPECT_THAT(scores_of(*loaded, who), testing::Pointwise(testing::FloatNear(2e-4F), scores));
  const auto from_memory = updated(*model, {all, std::span(added).first(5)});
  const auto from_disk = updated(*loaded, {all, std::span(added).first(5)});
  EXPECT_THAT(scores_of(*from_disk, who), testing::Pointwise(testing::FloatNear(1e-3F), scores_of(*from_memory, who)));
}

TEST(Updated, WhatWasSavedWithoutSaysSo) {
  for (const char* name : {"ials", "itemknn"}) {
    const auto interactions = two_tastes(30, 20);
    const auto model = trained(name, {}, interactions);
    Tensors saved;
    model->save(saved);
    Tensors old;
    for (const auto& [array, tensor] : saved.all()) {
      if (!array.starts_with(kUpdateOnly)) old.put(array, tensor);
    }
    ASSERT_LT(old.all().size(), saved.all().size());
    auto loaded = make_model(name, {}).value();
    ASSERT_TRUE(loaded->load(old).ok());
    const auto next = loaded->updated({interactions, {}});
    ASSERT_FALSE(next.ok());
    EXPECT_EQ(next.error().code, ErrorCode::kConflict);
    EXPECT_THAT(next.error().message, HasSubstr("zhiyin train"));
  }
}

TEST(Updated, AModelThatCannotSaysSo) {
  const auto interactions = two_tastes(30, 20);
  const auto next = trained("ease", {}, interactions)->updated({interactions, {}});
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().code, ErrorCode::kConflict);
  EXPECT_THAT(next.error().message, HasSubstr("ease"));
}

// MovieLens 100K: trained on the first part, updated with the next tenth in time, asked for what comes then.
TEST(Updated, OnMovieLensIsBetweenOldAndNew) {
  const auto* data = std::getenv("ZHIYIN_SHARED_DATA");
  if (data == nullptr) GTEST_SKIP() << "ZHIYIN_SHARED_DATA is not set";
  const auto file = find_ratings(data);
  ASSERT_TRUE(file.ok()) << file.error().message;
  Ids ids;
  auto events = read_ratings(*file, ids).value().events;
  std::ranges::stable_sort(events, {}, &Interaction::time);
  for (auto& event : events) event.weight = 1;
  const auto part = [&](std::size_t begin, std::size_t end) {
    return std::span(events).subspan(begin * events.size() / 10, (end - begin) * events.size() / 10);
  };
  const auto before = Interactions::from(part(0, 8), ids.users.size(), ids.items.size());
  const auto now = Interactions::from(part(0, 9), ids.users.size(), ids.items.size());
  const auto recall = [&](const Model& model) {
    std::vector<std::vector<ItemIndex>> asked(ids.users.size());
    for (const auto& event : part(9, 10)) asked[event.user].push_back(event.item);
    double sum = 0;
    double users = 0;
    std::vector<std::uint32_t> top;
    for (UserIndex user = 0; user < asked.size(); ++user) {
      const auto row = now.row(user);
      if (asked[user].empty() || row.empty()) continue;
      const std::vector<ItemIndex> known(row.begin(), row.end());
      top_k(scores_of(model, {known, std::vector<float>(known.size(), 1), {}}), known, 20, top);
      double hits = 0;
      for (const auto item : top) hits += std::ranges::count(asked[user], item) > 0 ? 1 : 0;
      sum += hits / static_cast<double>(std::min<std::size_t>(20, asked[user].size()));
      ++users;
    }
    return sum / users;
  };
  for (const char* name : {"ials", "itemknn", "pop"}) {
    const auto old = trained(name, {}, before);
    const auto next = updated(*old, {now, part(8, 9)});
    const auto fresh = trained(name, {}, now);
    const auto figures = std::array{recall(*old), recall(*next), recall(*fresh)};
    std::printf("%s: recall@20 old %.4f, updated %.4f, trained anew %.4f\n", name, figures[0], figures[1], figures[2]);
    // Some models are no better with the newest part: then the updated one is as good as either.
    const double gain = std::max(0.0, figures[2] - figures[0]);
    EXPECT_GT(figures[1], std::min(figures[0], figures[2]) + 0.4 * gain - 0.001) << name;
  }
}

}  // namespace
}  // namespace zhiyin
