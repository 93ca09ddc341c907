// T4, sampled against full ranking: what a table over "1 + 99" says, and how far it is from what people are shown.
//
// Every user's last event is asked for, as in T5. Block main ranks it among all items that the user has not touched;
// block sampled among 99 of those, drawn uniformly, five times (the means over the draws; all models see the same
// draws). Sampled metrics do not keep the order of two models, not even in expectation (Krichene and Rendle 2020).
// Block corrected estimates the full metric from the sampled ranks alone (base/measure/sampled_rank.h): unbiased on
// average over uniform ranks, at little variance; a model's estimate still errs, for its ranks are not uniform.
// Settings are T5's.
#pragma once

#include <filesystem>

#include "learn/eval/table.h"

namespace zhiyin {

struct T4Options {
  std::filesystem::path data;       // see find_ratings()
  std::vector<std::string> models;  // empty: pop, itemknn, ease, ials, markov
  std::uint64_t seed = 42;          // of training and of the draws
  int threads = 1;
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// Metrics hr@10 and ndcg@10. results: users, items, negatives, draws; tau.METRIC, Kendall's tau between the orders of
// the models by blocks main and sampled, corrected.tau.METRIC the same of main and corrected, corrected.error.METRIC
// and sampled.error.METRIC the mean distance to main; and where ials is among them the paired differences to it
// (add_differences()), those of the other blocks with the block's name before them.
Result<Table> evaluate_t4(const T4Options& options);

}  // namespace zhiyin
