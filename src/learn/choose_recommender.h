// Which of the trained models makes the collaborative candidates: the one that finds best what was held back.
//
// Of up to a thousand users the last event is held back, or, where the rows know no order in time, a tenth at random;
// copies of the models learn from the rest, and what each finds is compared by ndcg@20, user by user. Of those that
// cannot be told from the best (its paired 95% interval over them includes 0), the simplest is taken: it is quicker to
// train and to serve. pop counts as the last of all, for what is popular has a source of its own in the feed: it
// recommends where it is clearly better than everything personal.
//
// Cost: one more training of each candidate on the rest, and of a large home on as many users, drawn at random, as have
// a million events between them. So at most a second time what training itself took.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "match/model.h"

namespace zhiyin {

struct RecommenderChoice {
  std::string model;  // empty where nobody competes
  std::string
      reason;  // "ials: ndcg@20 .310 against ease .290 (paired +.020 [.010, .030]) on the last events of 900 .."
};

// One that competes, and what it found of each user's (ndcg@20; as many values for each).
struct Contender {
  std::string model;
  std::vector<double> quality;
};

// Not empty. `asked` ends the reason's sentence: "the last events of 900 users".
RecommenderChoice pick_recommender(std::span<const Contender> contenders, const std::string& asked);

// Models that say what people with the same taste like, simplest first; others (random, those of content alone) do not
// compete.
std::vector<std::string> contending(std::span<const std::string> models);

struct ChooseOptions {
  std::map<std::string, Params> params;  // by model, as they were trained
  std::size_t fewest_users = 50;  // with two events; below it an interval says nothing, and a fixed order decides
  std::size_t most_users = 1000;
  std::size_t most_events = 1'000'000;
  std::uint64_t seed = 42;
  int threads = 1;
};

// `trained` are names of models that could be trained on `data`. Errors: an unknown model or setting.
Result<RecommenderChoice> choose_recommender(std::span<const std::string> trained, const TrainingData& data,
                                             const ChooseOptions& options);

}  // namespace zhiyin
