// `zhiyin compress`: a smaller copy of the current snapshot that ranks as well as a budget allows.
//
// Every large array of every model can be kept in several ways: float32, half, int8, int4 or product-quantised
// (base/kernels/quantize.h), and a dense matrix of weights pruned to the strongest of each column
// (match/linear/item_weights.h).
// Each way is measured alone, against the model as it is, by up to `most_users` of the home's users (spread evenly).
// Where a hundred of them have liked something since the snapshot learned, they are asked for the newest of that from
// what was learned of them. Else users are asked for their last event from those before it, and that was learned from,
// as all others were: what a figure is worth is its difference from the whole model's, no more; and a model that
// remembers its data (ease) seems to lose more by pruning than it loses on what it has not seen.
//
//   loss of a way = relative loss of ndcg@20, where there is one, + .1 (1 - share of the top 20 that stays)
//
// The second part tells ways apart that the first one cannot. Losses of several arrays are taken to add up; of all
// combinations the one with the least loss within the budget is written, and measured once more as a whole.
//
// What models need only to learn between trainings (kUpdateOnly) is kept as it is where that takes a tenth of the budget
// at most. Else the copy goes without and serves as it is: the log says so, and so does Model::updated().
//
// What the ways cost on events that were held back (a fifth at random; recall@20, relative; ials with 128 factors):
//
//                                half    int8    int4    pq      pq8+8   pq16    pq32
//   ials      LastFM 2k          +.00%   +.06%   -1.4%   -5.8%   -.03%   -.45%   -.44%
//             ML-100K            -.00%   +.09%   -1.5%   -5.8%   -2.0%   -3.0%   -.47%
//   ease      ML-100K            +.00%   +.01%   -.31%   -1.7%   -4.0%   -5.6%   -5.0%
//   share of the bytes, LastFM   .50     .26     .14     .030    .060    .046    .077   (ials)
//
// and of dense weights kept in half, the strongest of each column:
//
//   keep                         400     200     100     50
//   ease      LastFM 2k          -1.0%   -1.4%   -1.8%   -3.1%
//             ML-100K            -.05%   -1.8%   -3.6%   -6.8%
//   share of the bytes, LastFM   .031    .016    .008    .004
//
// Eleven other ways of laying ease's int8 levels (a scale for 16, 32 or 64 elements, levels by roots of the magnitude)
// moved recall by -.17% to +.08% in no order: what int8 costs is less than what near ties make of it. A rotation before
// pq would find nothing to do: factors stand in their eigenbasis.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "domain/event_meaning.h"
#include "learn/compress_ways.h"
#include "state/bus/event_log.h"
#include "state/store/store.h"

namespace zhiyin {

// How well a model ranks, and how much of what the whole one says remains.
struct RankingQuality {
  double recall20 = 0;
  double ndcg20 = 0;
  double same20 = 1;  // share of the whole model's top 20 that is in the top 20
};

struct MeasuredWay {
  std::string model;
  std::string array;  // empty: the model as it was written
  std::string way;
  std::size_t bytes = 0;  // of the array, or of all arrays of the model
  RankingQuality quality;
  double load_ms = 0;  // unpacking and loading
  bool chosen = false;
};

struct CompressOptions {
  Budget budget;
  bool dry_run = false;  // measure and choose, publish nothing
  std::size_t most_users = 1000;
  EventMeaning events;  // what counts as liked
  int threads = 1;
};

struct CompressReport {
  std::string from;
  std::string snapshot;  // empty where nothing was published
  std::size_t users = 0;
  bool held_out = false;   // whether they were asked for what came after the snapshot
  std::size_t budget = 0;  // bytes
  std::size_t bytes_before = 0;
  std::size_t bytes_after = 0;
  std::vector<MeasuredWay> ways;    // each alone
  std::vector<MeasuredWay> models;  // what was chosen, together
};

// A snapshot that is itself compressed is made again from the one that it came from. Errors: no snapshot, nobody with
// two events, a budget that is smaller than the smallest combination (which is named).
Result<CompressReport> compress(const std::filesystem::path& home, const Store& store, const EventLog& log,
                                const CompressOptions& options);

}  // namespace zhiyin
