// T6, audio and video: short videos with features of sound and picture (learn/eval/t6_data.h).
//
// Warm: trained on train, asked about test; full ranking, events of train and valid masked; plain recall. Block valid
// is the same asked about valid with only train masked, where the settings were chosen. Block warm_trainvalid has the
// same settings, trained on train and valid and asked about test: another task, for valid tells what the held-out parts
// favour; its rows stand beside no published number.
//
// Cold: a fifth of the items at a time loses all its events; users with an event on either side are asked which of the
// cold items they played, cold items ranked among themselves; coverage is of the cold items. Block cold is the mean of
// the five folds, its intervals over users (who stand in several folds), fold-N a single one.
//
// Row pop in cold is a curiosity: nobody has touched any of these items, so all are equal and the lowest numbers come
// first; what it scores above random is what the numbers of this set give away.
//
// Every model runs with settings fixed in advance (its defaults, or those that t6.cpp lists). None were chosen on test
// events but for hybrid's form, of which its header tells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "learn/eval/table.h"

namespace zhiyin {

struct T6Options {
  std::filesystem::path data;       // see load_t6()
  std::vector<std::string> models;  // empty: all; a part that has none of them is left out
  std::uint64_t seed = 42;          // of the folds, of training and of intervals
  int threads = 1;
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// Rows random, pop, itemknn, ease, ials, spectral, hybrid and ensemble in blocks warm, valid and warm_trainvalid;
// random, pop, content_map, content_knn, content_kernel, content_blend, two_tower and hybrid in cold and fold-N;
// content_blend alone in cold_audio and cold_visual, which give it one sense, cold_learned, which gives it the learned
// fusion beside both (learn/eval/t6_learned.h), and cold_half, where every second item lacks one. No ensemble in cold:
// content_blend is that of the content models. results: the sizes, and for each warm model the paired difference to
// ials, as in T1.
Result<Table> evaluate_t6(const T6Options& options);

// The cold part alone, of random, pop and content_blend, and of the latter cold_audio, cold_visual and cold_learned;
// for the table understanding. results: tiktok.cold_recall@20, tiktok.cold_ndcg@20 and tiktok.cold_coverage of
// content_blend; the first two also as tiktok.cold_audio_.., tiktok.cold_visual_.., tiktok.cold_learned_.. and
// tiktok.cold_random_...
Result<void> add_cold_start(const T6Options& options, Table& table);

}  // namespace zhiyin
