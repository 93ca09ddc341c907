// Who orders what the sources of a feed found: a ranker that learned from held-back events, where it is better than the
// quotas of the sources.
//
// Of up to `most_users` users with three positives or more the last is held back, or one at random where their times are all the same. A copy of the model that recommends
// learns from the rest, and the feed is asked as a server would ask it (feed/recommend): every candidate is a row, and
// the row of what was held back says yes. Each ranker learns from one half of the users and orders the slates of the
// other half, and the other way round, so that
//
//   ndcg@20 of the slates with it  -  ndcg@20 of the slates by quota
//
// is known of every user who was asked; the best of them serves where the paired 95% interval of that difference
// lies above 0. It then learns from all of them.
//
// Cost: one more training of the recommender, a replay of the log, and some milliseconds a user.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "domain/event_meaning.h"
#include "feed/snapshot/snapshot.h"
#include "learn/training_set.h"

namespace zhiyin {

struct RankerOptions {
  std::vector<std::string> rankers = {"logistic", "fm"};  // that compete; simplest first
  bool always = false;                                    // the best of them serves, better than the quotas or not
  Params recommender;                                     // settings of the model that recommends
  EventMeaning events;
  std::filesystem::path rows;  // where the rows are written as CSV, for rankers that learn elsewhere; empty: nowhere
  std::size_t fewest_users = 200;  // below it an interval says nothing
  std::size_t most_users = 3000;
  std::uint64_t seed = 42;
  int threads = 1;
};

struct RankerChoice {
  std::optional<NumericRanker> ranker;  // none: the quotas order
  std::string reason;                   // in a sentence
};

// `snapshot`: what was trained on all of `data`, with its recommender. Errors: an unknown ranker, a log or a catalogue
// that cannot be read, a file that cannot be written. Too little to learn from is none: the reason says so.
Result<RankerChoice> train_ranker(const Store& store, const EventLog& log, const TrainingSet& set,
                                  const TrainingData& data, const Snapshot& snapshot, const RankerOptions& options);

}  // namespace zhiyin
