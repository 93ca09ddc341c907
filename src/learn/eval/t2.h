// T2, weak generalisation: how well a model finds the rest of what people like whom it knows.
//
// Of every user's row a share is held out at random and asked for; all users and the rest of their rows are learned
// from. Two sets, each a block: `lastfm`, artists listened to, 80% shown; `ml-100k`, films rated, whatever the stars,
// 75% shown. Full ranking. Settings are fixed: those of ease and ials are what `tune MODEL --hold tenth` chose
// on what is learned from here (by ndcg@20 on lastfm, ndcg@10 on ml-100k), the defaults of itemknn and spectral were
// chosen on parts of the same; none of them has seen what is asked. Those of rp3beta come from another cut of these
// sets (match/linear/rp3beta.h): its rows are a little optimistic by that.
#pragma once

#include <filesystem>

#include "learn/eval/table.h"

namespace zhiyin {

struct T2Options {
  std::filesystem::path data;  // a data root with interactions/lastfm-2k or interactions/ml-100k, or one such folder
  std::vector<std::string> models;  // empty: T2's own
  std::uint64_t seed = 42;          // of the split and of training
  int threads = 1;
  std::filesystem::path trec_out;  // empty: lists are not written
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// A set that is not there is left out; none of them is an error. results: as held_out.h says, and BLOCK.users,
// BLOCK.items, BLOCK.train_events.
Result<Table> evaluate_t2(const T2Options& options);

}  // namespace zhiyin
