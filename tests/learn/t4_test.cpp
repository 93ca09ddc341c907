#include "learn/eval/t4.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "base/random.h"
#include "learn/eval/t5.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

double metric(const Table& table, std::string_view block, std::string_view model, std::string_view key) {
  for (const auto& row : table.rows) {
    if (row.block == block && row.model == model)
      return std::ranges::find(row.metrics, key, &std::pair<std::string, double>::first)->second;
  }
  ADD_FAILURE() << block << " has no row " << model;
  return 0;
}

double result(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.results, name, &std::pair<std::string, double>::first);
  EXPECT_NE(found, table.results.end()) << name;
  return found == table.results.end() ? 0 : found->second;
}

// People walk on a ring of items: often to the next one, else anywhere.
std::string ring(int users, std::uint32_t items) {
  std::string lines;
  Random random(3);
  for (int user = 0; user < users; ++user) {
    auto at = random.below(items);
    for (int n = 0; n < 12; ++n) {
      lines += fmt::format("{}\t{}\t3\t{}\n", user, at, 1000 * user + n);
      at = random.uniform() < 0.3F ? (at + 1) % items : random.below(items);
    }
  }
  return lines;
}

class T4 : public testing::Test {
 protected:
  Table evaluate(const std::string& ratings, std::vector<std::string> models = {}) {
    EXPECT_TRUE(write_file_atomic(folder_ / "u.data", ratings).ok());
    auto table = evaluate_t4({.data = folder_.path(), .models = std::move(models), .threads = 2});
    EXPECT_TRUE(table.ok()) << table.error().message;
    return std::move(table).value();
  }
  TemporaryFolder folder_;
};

TEST_F(T4, WhereSamplingTakesEverythingAllBlocksAgree) {
  const auto table = evaluate(ring(60, 80));
  for (const auto* model : {"pop", "itemknn", "ease", "ials", "markov"}) {
    EXPECT_NEAR(metric(table, "sampled", model, "ndcg@10"), metric(table, "main", model, "ndcg@10"), 1e-9);
    EXPECT_NEAR(metric(table, "corrected", model, "ndcg@10"), metric(table, "main", model, "ndcg@10"), 1e-6);
  }
  EXPECT_NEAR(result(table, "tau.ndcg@10"), 1, 1e-9);
}

TEST_F(T4, SamplingFlattersAndTheCorrectionTakesMostOfItBack) {
  const auto table = evaluate(ring(400, 600), {"pop", "markov"});
  EXPECT_GT(metric(table, "sampled", "pop", "hr@10"), metric(table, "main", "pop", "hr@10") + 0.05);
  EXPECT_LT(result(table, "corrected.error.hr@10"), result(table, "sampled.error.hr@10") / 2);
}

TEST_F(T4, FullRankingIsThatOfT5) {
  const auto t4 = evaluate(ring(150, 200), {"pop", "ials", "markov"});
  const auto t5 = evaluate_t5({.data = folder_.path(), .models = {"pop", "ials", "markov"}, .threads = 2}).value();
  for (const auto* model : {"pop", "ials", "markov"}) {
    for (const auto* key : {"hr@10", "ndcg@10"})
      EXPECT_NEAR(metric(t4, "main", model, key), metric(t5, "main", model, key), 1e-12) << model;
  }
  EXPECT_EQ(t4.rows.front().split_sha256, t5.rows.front().split_sha256);
}

}  // namespace
}  // namespace zhiyin
