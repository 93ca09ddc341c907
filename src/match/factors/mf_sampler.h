// The Markov chain behind Mf: Gibbs sampling one parameter at a time, with the residuals kept up to date, so that a
// sweep costs (ratings x factors) whatever the number of parameters (Rendle 2012, libFM's MCMC).
#pragma once

#include <vector>

#include "base/random.h"
#include "match/factors/mf.h"

namespace zhiyin {

class MfSampler {
 public:
  MfSampler(const Interactions& ratings, std::size_t dim, std::uint64_t seed);

  void sweep();
  [[nodiscard]] double rmse() const;  // on what is learned from
  [[nodiscard]] Mf::Draw draw() const;

 private:
  // A group of parameters with one prior.
  struct Prior {
    double mean = 0;
    double precision = 1;
  };
  struct Group {
    std::vector<float> values;
    Prior prior;
  };

  double gamma(double shape, double rate);
  void draw_prior(Group& group);
  // A draw given h'h, h'e (the residuals with this parameter in them), under the group's prior.
  float draw_value(double square, double cross, const Prior& prior);
  void sweep_mean();
  void sweep_biases();
  void sweep_factor(std::size_t f);

  // Ratings in the order of users; by_item_ lists, item by item, where its ratings stand.
  std::size_t users_;
  std::size_t items_;
  std::size_t dim_;
  std::vector<std::size_t> user_begin_;
  std::vector<ItemIndex> item_of_;
  std::vector<UserIndex> user_of_;
  std::vector<std::size_t> item_begin_;
  std::vector<std::size_t> by_item_;
  std::vector<double> residual_;   // rating - prediction
  std::vector<float> user_scale_;  // n_u^-1/2

  double mean_ = 0;
  double noise_ = 1;
  Group user_bias_;
  Group item_bias_;
  std::vector<Group> p_, q_, y_;  // by factor, so that a pass walks one array
  Random random_;
};

}  // namespace zhiyin
