// T5, sequences: what comes next.
//
// Block main: every user's last event is asked for, the rest of their row is learned from and shown, in the order of
// time (of the file, where times are equal). Full ranking, one right answer. Block time: everything before the moment
// when 80% of all events have happened is learned from; users who go on are asked for their next item. All ratings of
// MovieLens 100K count, whatever the stars. Settings are fixed: defaults, but for itemknn, ease
// and ials, which `tune MODEL --hold last --metric ndcg@10` chose on the event before the last (what block valid asks
// for), with the last one of everybody left out of its file.
#pragma once

#include <filesystem>

#include "learn/eval/table.h"

namespace zhiyin {

struct T5Options {
  std::filesystem::path data;       // see find_ratings()
  std::vector<std::string> models;  // empty: all of T5's own
  std::uint64_t seed = 42;
  int threads = 1;
  std::filesystem::path trec_out;  // empty: lists are not written
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// Blocks main, time and popular_lately (what was popular in the last days, as both blocks' yardstick), and valid: the
// event before the last, asked of models that have seen neither. results: as held_out.h says, and users, items.
Result<Table> evaluate_t5(const T5Options& options);

}  // namespace zhiyin
