// The table `cold`: what is found for users and items of whom little is known.
//
// Users. Five folds of users, split as T1 splits them: a fold's users are none of the training set, a fifth of their
// row is asked for, and of the rest they show 0, 1, 2, 5, 10 things (those with fewer show what they have) or all,
// drawn by lot, longer histories holding the shorter ones. What they could have shown is masked however much they show,
// so that a list differs by what is known of the user alone. Blocks SET_events-N.
//
// Items. A fifth of every user's row is asked for (of TikTok its test events), the rest is learned from. Items are
// sliced by how many events training has of them: 0, 1-2, 3-5, 6-10, 11 and more. Blocks SET_items-SLICE: recall@20 and
// coverage@20 where only the slice competes, and recall@20_of_all, coverage@20_of_all: the slice's events and items
// in lists of all items. Slices differ in size, so figures of the first kind compare with the random row of their block
// and not with another block's. Block SET_items-all: everything.
//
// Sets: ml-100k (ratings of 4 and more, as T1; ages, sexes and occupations, genres and years as side information),
// lastfm-2k, tiktok-mm (items alone). ease is left out of lastfm-2k: 17,632 items are half a minute a training.
//
// Rows named after more than a model: fm knows things by number, those touched and the one asked for, fm_side also what
// the side information says of them and of who asks (learn/eval/cold_fm.h); ials_alone, ease_alone and spectral_alone do
// not lean on what everybody likes while a history is short (match/leaning.h), ials_filled has its short histories filled
// by its own predictions in place of that (learn/filling.h); ials_filled_users, _items and _content learn from training
// data filled by spectral, or by content_blend. Costs are those of the training that follows.
//
// What it shows (seed 42; ndcg@20). With one or two events userknn ranks best. A single one leaves ials, ease and,
// on ml-100k, spectral below popularity where they stand alone; leaning on it, none is below it once something is known:
//
//   events                       1                   2                   5                   10
//   ml-100k, pop                 .164                .164                .164                .164
//   ials_alone, _filled, ials    .138 .163 .195      .172 .185 .215      .221 .231 .246      .275 .275 .284
//   ease_alone, ease             .135 .185           .166 .201           .220 .236           .270 .275
//   spectral_alone, spectral     .156 .204           .183 .219           .248 .259           .289 .289
//   lastfm-2k, pop               .100                .100                .100                .100
//   ials_alone, _filled, ials    .096 .110 .140      .139 .152 .166      .209 .216 .216      .251 .251 .253
//   spectral_alone, spectral     .121 .147           .164 .184           .227 .233           .261 .261
//
// Filling what is learned from gives nothing: no set gains, the short rows of TikTok lose a quarter of the recall; by
// content, recall@20 of items without events rises from .031 to .067 within their slice, where content_blend has .183.
// fm_side cannot be told from popularity for a user without events (+.003, -.003 to .009); with one it has .192, fm
// .177, popularity .164.
//
// Settings of models are those of T1, T2 and T6 for these sets, or defaults, and have seen what those tables say.
// Those of filling and of cold_fm.h were fixed before the first run and not touched after it; fm's are T7's.
#pragma once

#include <filesystem>

#include "learn/eval/table.h"

namespace zhiyin {

struct ColdOptions {
  std::filesystem::path data;  // a data root, or the folder of one set
  std::uint64_t seed = 42;
  int threads = 1;
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// A set that is not there is left out; none of them is an error. results: SET.users and SET.items, for each slice
// SET_items-SLICE.items and .events; paired differences by block: ials, ease and spectral to pop and to themselves
// alone, ials_filled-ials_alone, fm_side-pop and fm_side-fm; and of each filled training in SET_items-all.
Result<Table> evaluate_cold(const ColdOptions& options);

}  // namespace zhiyin
