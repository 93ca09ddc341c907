// Files for trec_eval: figures counted again from them, as it counts them, are those of the table.
#include "learn/eval/trec.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "base/file.h"
#include "base/random.h"
#include "learn/eval/split.h"
#include "learn/eval/t5.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

struct Figures {
  double ndcg_10 = 0;
  double recall_20 = 0;
};

// By score and then by name, both falling, as trec_eval orders; what stands under rank is not looked at.
Figures count(const std::filesystem::path& folder, const std::string& model) {
  std::map<std::string, std::set<std::string>> right;
  std::istringstream qrels(read_file(folder / "qrels.txt").value());
  for (std::string user, zero, item, one; qrels >> user >> zero >> item >> one;) right[user].insert(item);
  std::map<std::string, std::vector<std::pair<float, std::string>>> lists;
  std::istringstream run(read_file(folder / (model + ".run")).value());
  for (std::string user, q0, item, rank, score, tag; run >> user >> q0 >> item >> rank >> score >> tag;)
    lists[user].emplace_back(std::stof(score), item);
  Figures figures;
  for (const auto& [user, items] : right) {
    auto& list = lists[user];
    EXPECT_LE(list.size(), 100U);
    std::ranges::sort(list, std::greater{});
    double dcg = 0;
    double ideal = 0;
    double found = 0;
    for (std::size_t r = 0; r < std::min<std::size_t>(20, list.size()); ++r) {
      const bool hit = items.contains(list[r].second);
      if (hit && r < 10) dcg += 1 / std::log2(static_cast<double>(r) + 2);
      found += hit ? 1 : 0;
    }
    for (std::size_t r = 0; r < std::min<std::size_t>(10, items.size()); ++r)
      ideal += 1 / std::log2(static_cast<double>(r) + 2);
    figures.ndcg_10 += dcg / ideal / static_cast<double>(right.size());
    figures.recall_20 += found / static_cast<double>(items.size() * right.size());
  }
  return figures;
}

double metric(const Row& row, std::string_view key) {
  return std::ranges::find(row.metrics, key, &std::pair<std::string, double>::first)->second;
}

class Trec : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(folder_ / name, text).ok());
  }
  void write_split(std::string_view item_name) {
    std::string train;
    std::string test;
    Random random(9);
    for (int user = 0; user < 40; ++user) {
      for (int item = 0; item < 60; ++item) {
        if (random.uniform() > (user % 3 == item % 3 ? 0.5F : 0.1F)) continue;
        (random.uniform() < 0.3F ? test : train) += fmt::format("u{}\t{}{}\n", user, item_name, item);
      }
    }
    write("train.tsv", train);
    write("test.tsv", test);
  }
  SplitOptions options() {
    return {.train = folder_ / "train.tsv",
            .test = folder_ / "test.tsv",
            .models = {"pop", "itemknn"},
            .metrics = parse_metric_keys("ndcg@10,recall@20").value(),
            .budget_minutes = 0,
            .trec_out = folder_ / "trec"};
  }
  TemporaryFolder folder_;
};

// pop has many equal scores: the files must carry our order all the same.
TEST_F(Trec, FiguresCountedFromTheFilesAreTheRows) {
  write_split("i");
  const auto table = evaluate_split(options());
  ASSERT_TRUE(table.ok()) << table.error().message;
  for (const auto& row : table->rows) {
    const auto figures = count(folder_ / "trec", row.model);
    EXPECT_NEAR(figures.ndcg_10, metric(row, "ndcg@10"), 1e-12) << row.model;
    EXPECT_NEAR(figures.recall_20, metric(row, "recall@20"), 1e-12) << row.model;
    EXPECT_GT(figures.ndcg_10, 0);
  }
}

TEST_F(Trec, BlocksOtherThanMainHaveFoldersOfTheirOwn) {
  std::string lines;
  Random random(2);
  for (int user = 0; user < 30; ++user) {
    for (int n = 0; n < 8; ++n) lines += fmt::format("{}\t{}\t3\t{}\n", user, random.below(40), 100 * n + user);
  }
  write("u.data", lines);
  const auto table = evaluate_t5({.data = folder_.path(), .models = {"itemknn"}, .trec_out = folder_ / "trec"}).value();
  for (const auto& row : table.rows) {
    const auto folder = row.block == "main" ? folder_ / "trec" : folder_ / "trec" / row.block;
    EXPECT_NEAR(count(folder, row.model).ndcg_10, metric(row, "ndcg@10"), 1e-12) << row.block;
  }
}

TEST_F(Trec, ANameWithASpaceIsRefusedBeforeAnyWork) {
  write_split("song ");
  EXPECT_THAT(evaluate_split(options()).error().message, HasSubstr("\"song 0\" has a space"));
}

}  // namespace
}  // namespace zhiyin
