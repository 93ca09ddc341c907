// A factorisation machine (match/rank/fm.h) as a recommender for people of whom little is known: the chance of an item
// given who asks, at most ten things that they touched, and what the item is.
//
// Learned from what each user touched (at most forty things of one user), seen from a past drawn by lot out of the rest
// of their row, of 0, 1, 2, 5 or 10 things; three items that they did not touch stand against each. Every twentieth
// user stops the training.
#pragma once

#include "learn/eval/datasets.h"
#include "match/rank/fm.h"

namespace zhiyin {

// What is known beside behaviour, as words: "sex F", "genre 4". Either may be empty.
struct SideInformation {
  std::vector<std::vector<std::string>> users;  // by user
  std::vector<std::vector<std::string>> items;  // by item
};

class FmRecommender {
 public:
  // rows: by user, empty for those who are held out; their side information is kept for score().
  static Result<FmRecommender> train(const std::vector<UserRow>& rows, std::size_t items, const SideInformation& side,
                                     std::uint64_t seed);

  // Of every item. Thread-safe. Of a longer history the last ten things count.
  void score(UserIndex user, const History& history, std::span<float> scores) const;

  [[nodiscard]] Params params() const { return fm_->params(); }

 private:
  FmRecommender(std::size_t items, const SideInformation& side);
  void add_row(UserIndex user, std::span<const ItemIndex> past, ItemIndex item, float label,
               ImpressionRows& rows) const;
  [[nodiscard]] ImpressionRows no_rows() const;

  std::size_t items_;
  std::size_t features_;
  std::vector<std::vector<std::uint32_t>> of_user_;  // side features
  std::vector<std::vector<std::uint32_t>> of_item_;
  std::unique_ptr<Ranker> fm_;
};

}  // namespace zhiyin
