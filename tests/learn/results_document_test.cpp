#include "learn/eval/results_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhiyin {
namespace {

using testing::HasSubstr;
using testing::Not;

Table small_table() {
  Table table{.name = "t9", .seed = 7};
  table.machine.cpu = "Some CPU";
  table.rows.push_back({.block = "main",
                        .data = "set",
                        .split_sha256 = "abc123",
                        .model = "a|b",
                        .params = {{"lambda", 0.5}},
                        .metrics = {{"ndcg@10", 0.25}},
                        .ci95 = {{"ndcg@10", {0.2, 0.3}}}});
  table.rows.push_back({.block = "main", .data = "set", .model = "other", .metrics = {{"extra", 1.0}}});
  table.rows.push_back({.block = "fold-1", .data = "set", .model = "folded", .metrics = {{"ndcg@10", 0.1}}});
  table.results = {{"some_users", 12}, {"d", 0.5}, {"d.low", 0.25}, {"d.high", 0.75}, {"d.p", 0.01}, {"e", 2}};
  return table;
}

TEST(ResultsDocument, FiguresStandWithIntervalSettingsSplitMachineAndCommand) {
  const auto text = to_markdown({.title = "t9: nine", .command = "zhiyin evaluate t9", .seconds = 3}, small_table());
  EXPECT_THAT(text, HasSubstr("## t9: nine"));
  EXPECT_THAT(text, HasSubstr("`zhiyin evaluate t9`"));
  EXPECT_THAT(text, HasSubstr("Seed 7 · Some CPU"));
  EXPECT_THAT(text, HasSubstr("split abc123"));
  EXPECT_THAT(text, HasSubstr("| a\\|b | 0.2500 [0.2000, 0.3000] |  | 0.00 | 0.00 | 0 | lambda=0.5 |"));
  EXPECT_THAT(text, HasSubstr("| other |  | 1.0000 |"));
  EXPECT_THAT(text, HasSubstr("| some\\_users | 12 |"));
  EXPECT_THAT(text, HasSubstr("| d | 0.5 [0.25, 0.75], p 0.01 |\n| e | 2 |\n"));
  EXPECT_THAT(text, Not(HasSubstr("folded")));
}

TEST(ResultsDocument, AFailureStandsInItsTablesPlace) {
  const auto text = to_markdown({.title = "t9: nine", .command = "zhiyin evaluate t9"}, not_found("no\nfile"));
  EXPECT_THAT(text, HasSubstr("## t9: nine"));
  EXPECT_THAT(text, HasSubstr("Not computed: no file"));
}

}  // namespace
}  // namespace zhiyin
