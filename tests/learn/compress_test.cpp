// A snapshot made smaller: within its budget, as good as that allows, and the old one still there.
#include "learn/compress.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/build.h"
#include "base/measure/splits.h"
#include "base/random.h"
#include "learn/compress_choice.h"
#include "learn/eval/held_out.h"
#include "match/registry/registry.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

// Two tastes of a hundred items each: large enough that there are arrays worth packing.
void two_tastes(World& world) {
  std::string items;
  for (int k = 0; k < 200; ++k) items += fmt::format("item{0} Title {0} | tag{1}\n", k, k % 2);
  world.items(items);
  Random random(4);
  std::string events;
  for (unsigned user = 0; user < 80; ++user) {
    for (int k = 0; k < 20; ++k) events += fmt::format("u{} like item{}\n", user, 2 * random.below(100) + user % 2);
  }
  world.events(events);
  world.train({"pop", "ease", "ials"});
}

Result<CompressReport> compressed(const World& world, std::string_view budget, bool dry_run = false) {
  return compress(world.folder.path(), *world.store, *world.log,
                  {.budget = parse_budget(budget).value(), .dry_run = dry_run});
}

TEST(Compress, ASmallerSnapshotServesWithinTheBudgetAndTheOldOneStays) {
  World world;
  two_tastes(world);
  const auto before = load_current_snapshot(world.folder.path()).value();
  const auto report = compressed(world, "25%");
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_LE(report->bytes_after, report->bytes_before / 4);
  EXPECT_GT(report->users, 50U);
  const auto after = load_current_snapshot(world.folder.path()).value();
  EXPECT_EQ(after->id, report->snapshot);
  EXPECT_GT(after->id, before->id);  // sorts after what it came from: what serves where it is damaged
  EXPECT_EQ(after->compressed_from, before->id);
  EXPECT_EQ(after->models.size(), 3U);
  EXPECT_EQ(after->recommender, before->recommender);
  EXPECT_TRUE(load_snapshot(world.folder / "snapshots" / before->id).ok());
  for (const auto& model : report->models) EXPECT_GT(model.quality.same20, 0.7) << model.model << " " << model.way;
  std::uintmax_t files = 0;
  for (const auto* name : {"ease", "ials", "pop"})
    files +=
        std::filesystem::file_size(world.folder / "snapshots" / after->id / fmt::format("model-{}.safetensors", name));
  EXPECT_LT(files, report->bytes_after + 4096);  // what was counted is what was written

  // What was measured is what is read back.
  std::vector<float> scores(200);
  std::vector<float> again(200);
  after->model("ials")->score({{0, 2}, {1, 1}, {}}, scores);
  load_snapshot(world.folder / "snapshots" / after->id).value()->model("ials")->score({{0, 2}, {1, 1}, {}}, again);
  EXPECT_EQ(scores, again);
}

TEST(Compress, MoreRoomIsNeverWorse) {
  World world;
  two_tastes(world);
  double before = 0;
  for (const auto* budget : {"15%", "30%", "60%", "100%"}) {
    const auto report = compressed(world, budget, true);
    ASSERT_TRUE(report.ok()) << report.error().message;
    double same = 0;
    for (const auto& model : report->models) same += model.quality.same20;
    EXPECT_GE(same, before - 0.02) << budget;
    before = same;
  }
  EXPECT_NEAR(before, 6, 1e-9);  // with all the room there is nothing changes
}

TEST(Compress, WhatCameAfterTheSnapshotIsAskedForWhereThereIsEnoughOfIt) {
  World world;
  two_tastes(world);
  EXPECT_FALSE(compressed(world, "50%", true).value().held_out);
  std::string events;
  for (unsigned user = 0; user < 80; ++user) {
    events += fmt::format("u{} like item{}\n", user, user % 2);  // learned from by some, new to the others
    events += fmt::format("u{} like item{}\n", user, 198 + user % 2);
  }
  for (unsigned user = 100; user < 140; ++user) events += fmt::format("u{} like item1\n", user);  // nothing learned
  world.events(events);
  const auto few = compressed(world, "50%", true).value();  // eighty of them at most: too few
  EXPECT_FALSE(few.held_out);
  EXPECT_EQ(few.users, 80U);
  world.train({"pop", "ease", "ials"});
  events.clear();
  for (unsigned user = 0; user < 140; ++user) events += fmt::format("u{} like item{}\n", user, 42 + user % 2);
  for (unsigned user = 0; user < 140; ++user) events += fmt::format("u{} like item{}\n", user, 44 + user % 2);
  world.events(events);
  const auto after = compressed(world, "50%", true).value();
  EXPECT_TRUE(after.held_out);
  EXPECT_GE(after.users, 100U);
  EXPECT_LE(after.users, 120U);
}

TEST(Compress, ADryRunPublishesNothing) {
  World world;
  two_tastes(world);
  const auto before = load_current_snapshot(world.folder.path()).value()->id;
  const auto report = compressed(world, "0.3", true);
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->snapshot.empty());
  EXPECT_EQ(load_current_snapshot(world.folder.path()).value()->id, before);
}

TEST(Compress, ACompressedSnapshotIsMadeAgainFromTheWholeOne) {
  World world;
  two_tastes(world);
  const auto first = compressed(world, "30%").value();
  const auto second = compressed(world, "50%");
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_EQ(second->from, first.from);
  EXPECT_EQ(second->bytes_before, first.bytes_before);
  EXPECT_NE(second->snapshot, first.snapshot);
}

TEST(Compress, ABudgetThatNothingFitsNamesTheSmallest) {
  World world;
  two_tastes(world);
  const auto report = compressed(world, "100");
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.error().message, HasSubstr("smallest"));
  const auto number = report.error().message.substr(report.error().message.find("made is ") + 8);
  EXPECT_TRUE(compressed(world, number.substr(0, number.find(' ')), true).ok());
}

TEST(Compress, BudgetsAreSizesOrShares) {
  EXPECT_EQ(parse_budget("12M")->bytes, 12'000'000U);
  EXPECT_EQ(parse_budget("1.5k")->bytes, 1500U);
  EXPECT_EQ(parse_budget("300000")->bytes, 300'000U);
  EXPECT_DOUBLE_EQ(parse_budget("0.25")->share, 0.25);
  EXPECT_DOUBLE_EQ(parse_budget("25%")->share, 0.25);
  for (const auto* text : {"", "M", "-1", "0", "12X", "200%", "nan", "1e300G"})
    EXPECT_FALSE(parse_budget(text).ok()) << text;
}

// What packing costs where it can be measured without having been learned from: a fifth of MovieLens held back.
TEST(CompressOnMovieLens, EachWayKeepsWhatItPromises) {
  const char* shared = std::getenv("ZHIYIN_SHARED_DATA");
  const auto root = shared != nullptr ? std::filesystem::path(shared) : source_dir() / ".." / "shared" / "data";
  const auto file = root / "interactions/ml-100k/u.data.gz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no MovieLens 100K here: set ZHIYIN_SHARED_DATA";
  Ids ids;
  const auto events = read_pairs(file, ids).value().events;
  const auto rows = rows_by_user(events, ids.users.size());
  std::vector<UserRow> shown(rows.size());
  std::vector<UserRow> asked(rows.size());
  Random random(7);
  for (std::size_t user = 0; user < rows.size(); ++user) {
    const auto cut = hold_out_share(rows[user].size(), 0.2, random);
    for (const auto at : cut.kept) shown[user].push_back(rows[user][at]);
    for (const auto at : cut.held_out) asked[user].push_back(rows[user][at]);
  }
  const auto cases = cases_of(shown, asked);
  const auto train = matrix_of(shown, ids.items.size());
  const auto keys = parse_metric_keys("recall@20").value();
  struct Promise {
    Way way;
    double share;  // of the bytes, at most
    double loss;   // of recall@20, at most
  };
  const auto check = [&](const char* name, const std::string& array, const std::vector<Promise>& promises) {
    const auto model = make_model(name, {}).value();
    ASSERT_TRUE(model->train({train}, {.threads = 2}).ok());
    const double whole = rank_all(*model, cases, keys, 2).means[0];
    Tensors saved;
    model->save(saved);
    Tensors tensors;  // what answers depend on
    for (const auto& [each, tensor] : saved.all()) {
      if (!each.starts_with(kUpdateOnly)) tensors.put(each, tensor);
    }
    for (const auto& [way, share, loss] : promises) {
      const auto packed = kept(tensors, array, way).value();
      EXPECT_LE(bytes_of(packed), share * static_cast<double>(bytes_of(tensors))) << name << " " << way.text();
      const auto loaded = make_model(name, {}).value();
      ASSERT_TRUE(loaded->load(unpack_tensors(packed).value()).ok());
      const double now = rank_all(*loaded, cases, keys, 2).means[0];
      EXPECT_GE(now, (1 - loss) * whole) << name << " " << way.text();
    }
  };
  check("ials", "factors",
        {{{.codec = Codec::kHalf}, 0.51, 0.003},
         {{.codec = Codec::kInt8}, 0.26, 0.003},
         {{.codec = Codec::kInt4}, 0.15, 0.03},
         {{.codec = Codec::kPq}, 0.18, 0.1},
         {{.codec = Codec::kPqTwice}, 0.34, 0.03},
         {{.codec = Codec::kPq16}, 0.19, 0.05},
         {{.codec = Codec::kPq32}, 0.22, 0.02}});
  check("ease", "weights",
        {{{.codec = Codec::kInt8}, 0.26, 0.002},
         {{.codec = Codec::kInt4}, 0.15, 0.01},
         {{.codec = Codec::kPq}, 0.09, 0.02},
         {{.keep = 400, .codec = Codec::kHalf}, 0.37, 0.01}});
}

TEST(CompressChoice, IsTheBestOfAllCombinations) {
  Random random(2);
  std::vector<std::vector<Choice>> things(4);
  for (auto& choices : things) {
    for (int k = 0; k < 5; ++k) choices.push_back({random.below(100) + 1, random.uniform()});
  }
  for (const std::size_t budget : {60U, 120U, 200U, 400U}) {
    double best = 1e9;
    for (int all = 0; all < 625; ++all) {
      std::size_t bytes = 0;
      double loss = 0;
      for (int t = 0, rest = all; t < 4; ++t, rest /= 5) {
        bytes += things[t][rest % 5].bytes;
        loss += things[t][rest % 5].loss;
      }
      if (bytes <= budget) best = std::min(best, loss);
    }
    const auto chosen = choose_within(things, budget);
    ASSERT_EQ(chosen.has_value(), best < 1e9) << budget;
    if (!chosen) continue;
    double loss = 0;
    for (std::size_t t = 0; t < 4; ++t) loss += things[t][(*chosen)[t]].loss;
    EXPECT_NEAR(loss, best, 1e-12) << budget;
  }
}

}  // namespace
}  // namespace zhiyin
