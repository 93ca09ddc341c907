// A two-tower model that was trained elsewhere: its files become a model of the snapshot and recommend.
#include "learn/foreign_tower.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "match/registry/registry.h"
#include "support/tiny_networks.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// float32 rows x columns as NumPy writes them.
std::string npy(std::size_t rows, std::size_t columns, const std::vector<float>& values) {
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
  header.resize((header.size() + 10 + 64) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  return bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

// The sum of the history's vectors.
std::string sum_of_history() {
  tiny::Weights weights(1);
  tiny::Writer writer(weights);
  const auto history = writer.input("history", OnnxType::kFloat, {1, -1, 2});
  writer.output(writer.node("ReduceSum", {history, writer.integers({1})}, {{"keepdims", std::int64_t{0}}}), "user",
                OnnxType::kFloat, {1, 2});
  return writer.model.serialize();
}

// A vector of its own for every id, of which the last counts: as a sequence model answers, a vector a step.
std::string last_id(int dim = 2) {
  tiny::Weights weights(1);
  weights.set("table", {0, 0, 1, 0, 0, 1, -1, 0, 0, -1});
  tiny::Writer writer(weights);
  const auto ids = writer.input("history_ids", OnnxType::kInt64, {1, -1});
  writer.output(writer.embedding(ids, "table", 5, dim), "steps", OnnxType::kFloat, {1, -1, dim});
  return writer.model.serialize();
}

class ServedTowerTest : public testing::Test {
 protected:
  void SetUp() override {
    world.items("east To the right\nnorth Upwards\nwest To the left\nsouth Down\nunknown Nobody placed it");
    world.events("u1 like east\nu1 like north\nu2 like west\nu2 like south\nu3 like west\nann like east");
    write("items.txt", "east\nnorth\nwest\nsouth\nelsewhere\n");
    write("vectors.npy", npy(5, 2, {1, 0, 0.6F, 0.8F, -1, 0, -0.6F, -0.8F, 9, 9}));
    options = {.models = {"pop", "tower"}, .recommender = "tower", .ranker = "none"};
    options.tower = {.user = "user.onnx", .items = "vectors.npy"};
  }
  void write(const char* name, const std::string& bytes) {
    ASSERT_TRUE(write_file_atomic(world.folder / name, bytes).ok());
  }
  Result<TrainReport> train_it() { return train(world.folder.path(), *world.store, *world.log, world.clock, options); }
  std::vector<std::string> collaborative(const char* user) {
    world.refresh();
    std::vector<std::string> ids;
    const auto slate = world.recommender->recommend({.user = UserId(user), .only = SourceKind::kCollaborative});
    for (const auto& item : slate->items) ids.push_back(item.item.value);
    return ids;
  }

  World world;
  TrainOptions options;
};

TEST_F(ServedTowerTest, AHistoryOfVectorsFindsWhatPointsTheSameWay) {
  write("user.onnx", sum_of_history());
  const auto report = train_it();
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_THAT(collaborative("ann"), ElementsAre("north")) << "what points away is not proposed";
  EXPECT_THAT(collaborative("u3"), ElementsAre("south"));
  world.events("u3 like north\nu3 like east");
  EXPECT_THAT(collaborative("u3"), testing::IsEmpty()) << "-1 + .6 + 1, .8: only what is seen points there";
}

TEST_F(ServedTowerTest, AHistoryOfNumbersIsInTheNumbersOfItsOwnItems) {
  write("user.onnx", last_id());
  options.tower.first_id = 1;  // 0 is padding there
  ASSERT_TRUE(train_it().ok());
  EXPECT_THAT(collaborative("ann"), ElementsAre("north")) << "east is 1: to the right";
  const auto snapshot = world.view->shared_snapshot();
  EXPECT_THAT(snapshot->model("tower")->query({{0, 1}, {1, 1}, {}}), ElementsAre(0, 1)) << "the last step";
}

TEST_F(ServedTowerTest, TheSnapshotHoldsItAll) {
  write("user.onnx", sum_of_history());
  ASSERT_TRUE(train_it().ok());
  std::filesystem::remove(world.folder / "user.onnx");
  std::filesystem::remove(world.folder / "vectors.npy");
  EXPECT_THAT(collaborative("ann"), ElementsAre("north"));
}

TEST_F(ServedTowerTest, WhatDoesNotFitIsSaidInTraining) {
  const auto message = [&] {
    const auto report = train_it();
    if (!report.ok()) return report.error().message;
    return report->models.back().skipped;
  };
  options.recommender.clear();
  EXPECT_THAT(message(), HasSubstr("user.onnx"));
  write("user.onnx", last_id());
  write("items.txt", "east\nnorth\n");
  EXPECT_THAT(message(), HasSubstr("names 2 items"));
  write("items.txt", "east\nnorth\nwest\neast\nelsewhere\n");
  EXPECT_THAT(message(), HasSubstr("items.txt:4: east stands in it twice"));
  write("items.txt", "1\n2\n3\n4\n5\n");
  EXPECT_THAT(message(), HasSubstr("knows none of the catalogue's items"));
  write("items.txt", "east\nnorth\nwest\nsouth\nelsewhere\n");
  write("vectors.npy", npy(5, 1, {1, 2, 3, 4, 5}));
  EXPECT_THAT(message(), HasSubstr("the vectors of items have 1 numbers"));
  options.tower = {};
  EXPECT_THAT(message(), HasSubstr("[tower] user and items"));
}

}  // namespace
}  // namespace zhiyin
