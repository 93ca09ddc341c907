// Spectral: a short and a long smoothed walk (linear/spectral_walk.h), each brought to mean 0 and deviation 1 over all
// items, added up.
//
//   score = z(score_power) + second_weight z(score_second_power)
//
// How far to walk depends on how long histories are. `power` 0, the default, has the data say so: with n the median
// number of items of a user,
//
//   user_cap = max(3, n)                                                   nobody says more than a typical user
//   n < 5:   power 12, second_power 4, second_weight .45                   little is known: neighbourhoods at large
//   else:    power 1.7, second_weight 0                                    much is known: near ones
//
// The first line was chosen on valid of TikTok (t6), the second on a fifth held out of what t2 trains on, LastFM and
// MovieLens 100K; nothing between was there to look at.
//
// A short history leans on what is popular, more than others do (match/leaning.h), for these scores do not grow with it:
//
//   score += lean 2 / (n + 1) (best score of an item that is none of the history's) share(i) / (highest share)
//
// so after one event at lean 1 the most popular item gets what the walk gives its best. Chosen on users held out of T1's
// and of LastFM's training parts; where most histories are short (the first line) the long walk finds what is popular
// by itself, and lean is 0.
//
// Strong where most users have done two or three things; it finds the popular items of the right neighbourhood, so its
// lists cover little of the catalogue. Nothing is kept of users: any history is folded in.
#pragma once

#include <array>

#include "match/leaning.h"
#include "match/linear/spectral_walk.h"
#include "match/model.h"
#include "match/popularity.h"

namespace zhiyin {

class Spectral final : public Model {
 public:
  static constexpr std::array<ParamRange, 8> kRanges = {{{"factors", 16, 512, true, 256},
                                                         {"user_cap", 1, 100, true, 3},
                                                         {"user_smoothing", 0, 10, false, 7},
                                                         {"item_smoothing", 0, 30, false, 9},
                                                         {"power", 0, 30, false, 0},
                                                         {"second_power", 1, 12, true, 4},
                                                         {"second_weight", 0, 1, false, 0.45},
                                                         lean_range(1)}};

  explicit Spectral(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "spectral"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  // What is popular for an empty history.
  void score(const History& history, std::span<float> scores) const override;
  // Exact: the means are linear in the history, and the deviations are taken as they are for this history.
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override;
  [[nodiscard]] std::size_t items() const override { return walk_.items(); }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  void suit_to(const Interactions& interactions);
  void walk(const History& history, std::span<float> scores) const;
  // What a share of all users counts, given what the walk says.
  [[nodiscard]] float leaning_on(const History& history, std::span<const float> walked) const;

  // One walk's part of the score.
  struct Part {
    std::vector<float> damping;  // by dimension
    double weight;
  };
  [[nodiscard]] std::vector<Part> parts() const;

  Params params_;
  SpectralWalk walk_;
  Popularity popularity_;
};

}  // namespace zhiyin
