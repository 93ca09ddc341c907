// iALS: matrix factorisation of implicit feedback by alternating least squares, with frequency-scaled regularisation
// (Hu, Koren, Volinsky 2008; Rendle, Krichene, Zhang, Koren 2021).
//
//   L = sum_{(u,i) in S} c_ui (p_u.q_i - 1)^2 + alpha0 sum_{all u,i} (p_u.q_i)^2 + sum_u reg_u |p_u|^2 + sum_i reg_i
//       |q_i|^2
//   reg_u = lambda (n_u + alpha0 m)^nu, m items with an observation; reg_i the same with the users
//
// Each half epoch brings every row nearer to its exact solution, from where it stood: the loss falls at every half
// epoch. How is said by `solver` (match/factors/row_solver.h), which changes the cost of an epoch and how many it
// takes, not what is learned:
//   0  `steps` preconditioned steps of conjugate gradients
//   1  the exact solution by Cholesky
//   2  iALS++: coordinates in blocks of `block`, one exact step each
// Users are not kept, only their Gram matrix P'P and their mean: any history is folded in exactly; an empty one gets what
// is popular. A short one leans on the mean user (match/leaning.h): its scores are (p_u + w(n_u) mean p) . q_i, so that
// one look at an index finds the best. `lean` .3 was chosen on users held out of T1's and of LastFM's training parts, by
// ndcg@20 of histories of 1, 2, 5, 10, 20 and all events:
//
//   lean                          0      .1     .2     .3     .4     .5
//   MovieLens 100K, 1 event      .135   .183   .197   .199   .196   .190
//   MovieLens 100K, 5 events     .225   .233   .239   .245   .247   .247
//   MovieLens 100K, all events   .347   .348   .348   .348   .348   .348
//   LastFM, 1 event              .096   .118   .131   .130   .127   .125
//   LastFM, 5 events             .202   .203   .205   .204   .204   .203
//   LastFM, all events           .276   .275   .274   .274   .274   .273
//
// updated() is what the next half epochs would do to those whom the events concern (ials_update.cpp): users of changed
// items are folded in, then each changed item is solved exactly against them,
//
//   q_i = (alpha0 P'P + sum_{u in U_i} p_u p_u' + reg_i I)^-1 sum_{u in U_i} p_u
//
// with P'P kept up to date by the users who did something. Approximate: everybody else stays as they were folded in when
// the model was trained, and rows of other items stay. Costs a fold-in for each user of a changed item, n_i d^2 + d^3 / 3
// for each such item, and a copy of the factors. Packed factors (zhiyin compress) are updated as they are unpacked.
//
// Setting the strength: what decides between learning and collapse is the constant part lambda alpha0 m of reg_u, so
// that is the setting (`strength`), and lambda follows from it and the size of the data.
#pragma once

#include <array>

#include "match/factors/item_factors.h"
#include "match/leaning.h"
#include "match/model.h"
#include "match/popularity.h"

namespace zhiyin {

class Ials final : public Model {
 public:
  static constexpr std::array<ParamRange, 7> kRanges = {{{"factors", 16, 256, true, 128},
                                                         {"epochs", 4, 24, false, 10},
                                                         {"alpha0", 0.005, 1, true, 0.5},
                                                         {"strength", 0.5, 15, true, 7},
                                                         {"nu", 1, 1, false, 1},
                                                         {"steps", 3, 3, false, 3},
                                                         lean_range(0.3)}};

  // Those that tuning leaves alone as well.
  static constexpr std::array<ParamRange, 9> kSettings = {{kRanges[0],
                                                           kRanges[1],
                                                           kRanges[2],
                                                           kRanges[3],
                                                           kRanges[4],
                                                           kRanges[5],
                                                           kRanges[6],
                                                           {"solver", 0, 2, false, 0},
                                                           {"block", 16, 256, true, 64}}};
  static std::span<const ParamRange> settings() { return kSettings; }

  explicit Ials(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "ials"; }
  [[nodiscard]] Params params() const override { return params_; }

  // Collapse guard: where the regularisation drives every score to zero in the first epoch, strength is halved (and the
  // log says so) until it does not.
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override {
    return factors_.explain(history, item);
  }
  [[nodiscard]] ItemVectors item_vectors() const override { return {factors_.dim(), factors_.factors()}; }
  [[nodiscard]] std::vector<float> query(const History& history) const override;
  [[nodiscard]] std::vector<std::vector<Contribution>> explain_all(const History& history,
                                                                   std::span<const ItemIndex> some,
                                                                   std::size_t most) const override {
    return factors_.explain_all(history, some, most);
  }
  [[nodiscard]] std::size_t items() const override { return factors_.items(); }
  [[nodiscard]] Result<std::unique_ptr<Model>> updated(const Update& update) const override;
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

  [[nodiscard]] const ItemFactors& item_factors() const { return factors_; }

  // The loss L after each half epoch, first users then items; filled only if asked for before train().
  void record_losses() { record_losses_ = true; }
  [[nodiscard]] const std::vector<double>& losses() const { return losses_; }

 private:
  Params params_;
  ItemFactors factors_;
  std::vector<float> mean_user_;  // of P's rows with an event, in the basis of factors_; zeros in older files
  std::vector<float> user_gram_;  // P'P in that basis; empty in a model that was saved without
  double users_ = 0;              // rows of P with an event
  Popularity popularity_;
  bool record_losses_ = false;
  std::vector<double> losses_;
};

}  // namespace zhiyin
