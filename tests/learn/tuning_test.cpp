#include "learn/eval/tuning.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/random.h"
#include "learn/eval/tune_model.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

class Tune : public testing::Test {
 protected:
  void SetUp() override {
    std::string text;
    Random random(4);
    for (int user = 0; user < 40; ++user) {
      for (int item = 0; item < 30; ++item) {
        if (random.uniform() < (user % 3 == item % 3 ? 0.6F : 0.1F)) text += fmt::format("u{}\ti{}\n", user, item);
      }
    }
    ASSERT_TRUE(write_file_atomic(folder_ / "train.tsv", text).ok());
    data_ = tuning_data(folder_ / "train.tsv", {}, Validation::kTenth, 42).value();
  }
  TuneReport tune(int trials, const std::string& runs) {
    auto report = tune_model("ease", data_, folder_ / runs, options(trials));
    EXPECT_TRUE(report.ok()) << report.error().message;
    return std::move(report).value();
  }
  static TuningOptions options(int trials) {
    return {.objective = parse_metric_key("ndcg@10").value(), .budget_s = 60, .most_trials = trials};
  }
  // What a file of trials says, without the seconds.
  static std::string trials_of(const TuneReport& report) {
    auto text = read_file(report.trials).value();
    std::string without;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      const auto json = Json::parse(std::string_view(text).substr(at, end - at)).value();
      without += json["params"].dump() + json["value"].dump() + "\n";
      at = end + 1;
    }
    return without;
  }
  TemporaryFolder folder_;
  HeldOut data_;
};

TEST_F(Tune, TheFirstTrialIsTheDefaultsAndTheBestIsNoWorse) {
  const auto report = tune(12, "a");
  EXPECT_EQ(report.tuned.trials, 12);
  EXPECT_GE(report.tuned.objective, report.defaults);
  const auto defaults = fit("ease", {}, {.interactions = data_.tuning_train}, 42, 1).value();
  const auto lines = trials_of(report);
  const auto first = Json::parse(lines.substr(0, lines.find('}') + 1)).value();
  EXPECT_EQ(first["lambda"].as_number(), defaults.model->params().at("lambda"));
}

TEST_F(Tune, ASearchThatGoesOnIsTheSearchThatWasNeverStopped) {
  const auto whole = tune(14, "whole");
  EXPECT_EQ(tune(9, "parts").earlier, 0);
  const auto later = tune(14, "parts");
  EXPECT_EQ(later.earlier, 9);
  EXPECT_EQ(later.tuned.trials, 14);
  EXPECT_EQ(trials_of(later), trials_of(whole));
  EXPECT_EQ(later.tuned.params, whole.tuned.params);
}

TEST_F(Tune, ALineThatWasCutOffRunsAgainAndADamagedOneIsNamed) {
  const auto whole = tune(6, "whole");
  const auto text = read_file(whole.trials).value();
  ASSERT_TRUE(write_file_atomic(whole.trials, text.substr(0, text.size() - 20)).ok());
  const auto again = tune(6, "whole");
  EXPECT_EQ(again.earlier, 5);
  EXPECT_EQ(again.tuned.params, whole.tuned.params);
  ASSERT_TRUE(write_file_atomic(whole.trials, "{\"no\": 1}\n" + text).ok());
  EXPECT_THAT(tune_model("ease", data_, folder_ / "whole", options(6)).error().message, HasSubstr(".jsonl:1"));
}

TEST_F(Tune, WhatIsBestIsKeptByModel) {
  const auto metric = parse_metric_key("ndcg@10").value();
  ASSERT_TRUE(read_best(folder_.path())->empty());
  ASSERT_TRUE(keep_best(folder_.path(), "ease", {.params = {{"lambda", 3}}, .objective = 0.2}, metric, "x").ok());
  ASSERT_TRUE(keep_best(folder_.path(), "ials", {.params = {{"factors", 8}}, .objective = 0.3}, metric, "x").ok());
  ASSERT_TRUE(keep_best(folder_.path(), "ease", {.params = {{"lambda", 4}}, .objective = 0.25}, metric, "x").ok());
  const auto best = read_best(folder_.path()).value();
  EXPECT_EQ(best.at("ease").at("lambda"), 4);
  EXPECT_EQ(best.at("ials").at("factors"), 8);
}

TEST_F(Tune, NobodyToValidateOnIsAnError) {
  ASSERT_TRUE(write_file_atomic(folder_ / "one.tsv", "a\tx\nb\ty\n").ok());
  const auto data = tuning_data(folder_ / "one.tsv", {}, Validation::kLast, 42).value();
  EXPECT_THAT(tune_model("ease", data, folder_.path(), options(3)).error().message,
              HasSubstr("nobody has done enough"));
}

}  // namespace
}  // namespace zhiyin
