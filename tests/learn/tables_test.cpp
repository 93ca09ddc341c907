// T2, T3, T5 and T7 on small worlds whose answers are known.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/file.h"
#include "base/random.h"
#include "learn/eval/t2.h"
#include "learn/eval/t3.h"
#include "learn/eval/t5.h"
#include "learn/eval/t7.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

double metric(const Table& table, std::string_view block, std::string_view model, std::string_view key) {
  for (const auto& row : table.rows) {
    if (row.block != block || row.model != model) continue;
    for (const auto& [name, value] : row.metrics) {
      if (name == key) return value;
    }
  }
  ADD_FAILURE() << block << " has no " << key << " of " << model;
  return 0;
}

class Tables : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    ASSERT_TRUE(write_file_atomic(folder_ / name, text).ok());
  }
  TemporaryFolder folder_;
};

// Sixty users in two tastes of twenty items each.
std::string tastes() {
  std::string lines;
  Random random(1);
  for (int user = 0; user < 60; ++user) {
    for (int n = 0; n < 12; ++n)
      lines +=
          fmt::format("{}\t{}\t5\t{}\n", user, 100 * (user % 2) + static_cast<int>(random.below(20)), 100 * user + n);
  }
  return lines;
}

TEST_F(Tables, T2FindsTheRestOfARow) {
  write("interactions/ml-100k/u.data", tastes());
  const auto table = evaluate_t2({.data = folder_.path(), .models = {"random", "itemknn", "ials"}});
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_GT(metric(*table, "ml-100k", "itemknn", "recall@20"), 0.9);  // all that is left of a taste fits into the list
  EXPECT_LT(metric(*table, "ml-100k", "random", "recall@20"), 0.75);
  EXPECT_EQ(std::ranges::count(table->rows, "lastfm", &Row::block), 0);
}

TEST_F(Tables, AModelThatATableDoesNotHaveIsNamed) {
  write("u.data", tastes());
  const auto table = evaluate_t5({.data = folder_.path(), .models = {"pop", "sasrecc"}});
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message, HasSubstr("sasrecc is not in this table, which has random, pop"));
}

TEST_F(Tables, T3NamesAModelThatItDoesNotHave) {
  write("u.data", tastes());
  const auto table = evaluate_t3({.data = folder_.path(), .models = {"ials"}});
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message, HasSubstr("ials is not in this table, which has mean, bias, mf"));
}

TEST_F(Tables, T2NamesTheFilesThatAreMissing) {
  const auto table = evaluate_t2({.data = folder_.path()});
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message, HasSubstr("user_artists.dat"));
}

TEST_F(Tables, T3KnowsARatingThatIsTheSumOfBiases) {
  std::string lines;
  Random random(2);
  for (int user = 0; user < 40; ++user) {
    for (int item = 0; item < 30; ++item) {
      if (random.uniform() < 0.5F)
        lines += fmt::format("{}\t{}\t{}\t{}\n", user, item, 1 + user % 3 + item % 3, 100 * user + item);
    }
  }
  write("u.data", lines);
  const auto table = evaluate_t3({.data = folder_.path(), .models = {"mean", "bias"}});
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_NEAR(metric(*table, "main", "mean", "rmse"), std::sqrt(4.0 / 3), 0.1);  // two uniform steps of variance 2/3
  EXPECT_LT(metric(*table, "main", "bias", "rmse"), 0.15);
  EXPECT_LE(metric(*table, "main", "bias", "mae"), metric(*table, "main", "bias", "rmse"));
}

TEST_F(Tables, T5AsksForTheLastEventAndTheModelsOfSequencesKnowIt) {
  std::string lines;
  Random random(3);
  for (int user = 0; user < 120; ++user) {  // a ring of 40: everybody goes on to the next
    const auto start = random.below(40);
    for (std::uint32_t n = 0; n < 6; ++n)
      lines += fmt::format("{}\t{}\t3\t{}\n", user, (start + n) % 40, 1000 * user + n);
  }
  write("u.data", lines);
  const auto table = evaluate_t5({.data = folder_.path(), .models = {"pop", "markov"}});
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_GT(metric(*table, "main", "markov", "mrr@10"), 0.9);
  EXPECT_LT(metric(*table, "main", "pop", "mrr@10"), 0.4);
  EXPECT_GT(metric(*table, "valid", "markov", "mrr@10"), 0.9);
}

class RankingTable : public Tables {
 protected:
  // Women like what is of the first genre, men what is of the second; whoever is asked, and about what, is drawn anew.
  void SetUp() override {
    std::string users;
    for (int user = 0; user < 50; ++user)
      users += fmt::format("{}|30|{}|writer|10000\n", user, user % 2 == 0 ? "F" : "M");
    std::string items;
    for (int item = 0; item < 20; ++item) {
      items += fmt::format("{}|Film|01-Jan-1995||url|0", item);
      for (int genre = 1; genre < 19; ++genre) items += genre == 1 + item % 2 ? "|1" : "|0";
      items += '\n';
    }
    std::string ratings;
    Random random(4);
    for (int k = 0; k < 4000; ++k) {
      const auto user = random.below(50);
      const auto item = random.below(20);
      ratings += fmt::format("{}\t{}\t{}\t{}\n", user, item, user % 2 == item % 2 ? 5 : 2, 880000000 + 60 * k);
    }
    write("u.data", ratings);
    write("u.user", users);
    write("u.item", items);
  }
};

TEST_F(RankingTable, T7CutsInTimeAndKnowsNothingOfLater) {
  const auto data = load_t7(folder_.path());
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->train.rows(), 3200U);
  EXPECT_EQ(data->valid.rows(), 400U);
  EXPECT_EQ(data->test.rows(), 400U);
  EXPECT_EQ(data->test_users.size(), 400U);
  // Everything but what was liked and what was not is known of each row; those grow by one with each row of the user.
  std::map<std::uint32_t, std::size_t> before;  // by the row's first feature, the user
  for (const auto* part : {&data->train, &data->valid, &data->test}) {
    for (std::size_t r = 0; r < part->rows(); ++r) {
      auto& rows = before[part->features[part->offsets[r]]];
      if (rows <= 100) EXPECT_EQ(part->offsets[r + 1] - part->offsets[r], part->fields - 2 + rows) << r;
      ++rows;
    }
  }
}

TEST_F(RankingTable, T7ModelsThatMultiplySeeWhoLikesWhichGenre) {
  const auto table = evaluate_t7({.data = folder_.path()});
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_GT(metric(*table, "main", "fm", "auc"), 0.97);
  EXPECT_GT(metric(*table, "main", "dcn", "auc"), 0.97);
  EXPECT_LT(metric(*table, "main", "dcn", "ece"), 0.05);
}

TEST_F(RankingTable, T7RefusesSettingsOfModelsThatItDoesNotHave) {
  T7Options options{.data = folder_.path()};
  options.params["dnc"]["rate"] = 0.1;
  EXPECT_THAT(evaluate_t7(options).error().message, HasSubstr("did you mean dcn?"));
  options.params.clear();
  options.params["fm"]["ratte"] = 0.1;
  EXPECT_THAT(evaluate_t7(options).error().message, HasSubstr("rate"));
  options.params.clear();
  options.models = {"fmm"};
  EXPECT_THAT(evaluate_t7(options).error().message, HasSubstr("did you mean fm?"));
}

TEST_F(RankingTable, T7NamesTheFileThatIsMissing) {
  std::filesystem::remove(folder_ / "u.user");
  const auto table = evaluate_t7({.data = folder_.path()});
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message, HasSubstr("u.user"));
}

}  // namespace
}  // namespace zhiyin
