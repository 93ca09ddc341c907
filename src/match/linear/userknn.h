// User-user nearest neighbours (Resnick et al. 1994, for events that are only positive).
//
//   sim(x, v) = sum over the items of both of x_i / (n_x^asker_power n_v^other_power + shrink)
//   score(j)  = sum over the `neighbours` most alike users v of sim(x, v) V_vj
//
// Keeps every user's row, so that any history finds its neighbours when it asks: a request reads the rows of all who
// share an item with it; an empty one, which has no neighbours, gets what is popular. The shares of explain() are exact for the neighbours found.
#pragma once

#include <array>

#include "match/model.h"
#include "match/popularity.h"

namespace zhiyin {

class UserKnn final : public Model {
 public:
  static constexpr std::array<ParamRange, 4> kRanges = {{{"neighbours", 10, 500, true, 50},
                                                         {"asker_power", 0, 1, false, 0.5},
                                                         {"other_power", 0, 1, false, 0.5},
                                                         {"shrink", 0, 50, false, 0}}};

  explicit UserKnn(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "userknn"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override;
  [[nodiscard]] std::size_t items() const override { return by_item_.users(); }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  struct Neighbour {
    UserIndex user;
    float similarity;
  };
  [[nodiscard]] std::vector<Neighbour> nearest(const History& history) const;
  [[nodiscard]] double norm(std::size_t asker_items, UserIndex other) const;

  Params params_;
  Interactions by_user_;
  Interactions by_item_;   // the same turned round: items x users
  Popularity popularity_;  // of by_user_, so not kept
};

}  // namespace zhiyin
