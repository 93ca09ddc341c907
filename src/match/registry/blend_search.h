// Which models to add up, and how loudly: greedy forward selection on users who were held back.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "match/model.h"

namespace zhiyin {

// One held-back user: what a model may know (not to be found again), and what should be found.
struct Withheld {
  History history;
  std::vector<ItemIndex> asked;  // ascending, not empty
};

// What one candidate says of the users: its scores of a user's contenders, each divided by the deviation of its scores
// of all items.
using CandidateScores = std::vector<std::vector<float>>;  // by user, then contender

class BlendSearch {
 public:
  static constexpr std::size_t kContenders = 100;  // of each candidate and user; what none puts there is not looked at

  // Parts of `interactions`' users held back: the last event, or a tenth at random; at most `most` users, each keeping
  // an event. What is left goes to `rest`.
  static std::vector<Withheld> withhold(const Interactions& interactions, bool last, std::size_t most,
                                        std::uint64_t seed, Interactions& rest);

  explicit BlendSearch(std::vector<Withheld> users) : users_(std::move(users)), contenders_(users_.size()) {}

  // Candidates are shown twice: first all of them, so that the contenders are known, then score() is asked of each.
  void gather(const Model& candidate, int threads);
  void listen(const Model& candidate, int threads);

  struct Chosen {
    std::size_t candidate;  // in the order of listen()
    float weight;
  };
  // The best single candidate at weight 1, then what was added. `gain`, if given, is told the mean ndcg@20 after each.
  [[nodiscard]] std::vector<Chosen> choose(std::vector<double>* means = nullptr) const;

 private:
  [[nodiscard]] std::vector<double> quality(const CandidateScores& blend) const;  // ndcg@20 by user

  std::vector<Withheld> users_;
  std::vector<std::vector<ItemIndex>> contenders_;  // by user, ascending
  std::vector<CandidateScores> candidates_;
};

}  // namespace zhiyin
