// The smoothed spectral walk: a random walk from a user's items over other users to other items, kept in its leading
// singular vectors.
//
//   W = diag(min(1, cap / n_u)) X                    a few users with very long histories must not own the matrix
//   D_u = sum_i W_ui + user_smoothing,  D_i = sum_u W_ui + item_smoothing
//   N = D_u^-1/2 W D_i^-1/2 ~ U diag(s) V'           the smoothing keeps what one user and one item share out of the
//                                                    top
//   profile(history) = sum_i weight_i D_i^-1/2 v_i
//   score_p = V diag((s / s_1)^p) profile            p is how far the walk goes: large p keeps the broad
//                                                    neighbourhoods
//
// Immutable once fitted; thread-safe.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "match/model.h"

namespace zhiyin {

class SpectralWalk {
 public:
  struct Options {
    std::size_t rank = 256;
    double user_cap = 3;
    double user_smoothing = 7;
    double item_smoothing = 9;
  };

  SpectralWalk() = default;

  // Error kInvalid where nobody has touched anything.
  static Result<SpectralWalk> fit(const Interactions& interactions, const Options& options,
                                  const TrainContext& context);

  [[nodiscard]] std::size_t items() const { return item_scale_.size(); }
  [[nodiscard]] std::size_t dim() const { return strength_.size(); }
  [[nodiscard]] std::span<const float> vectors() const { return vectors_; }  // V, row-major items x dim
  [[nodiscard]] std::span<const float> vector(ItemIndex item) const { return vectors().subspan(item * dim(), dim()); }
  [[nodiscard]] float item_scale(ItemIndex item) const { return item_scale_[item]; }  // D_i^-1/2

  // (s_k / s_1)^p for every k.
  [[nodiscard]] std::vector<float> damping(double power) const;

  // Zeros for an empty history.
  [[nodiscard]] std::vector<float> profile(const History& history) const;

  void save(Tensors& tensors) const;  // as walk.vectors, walk.item_scale, walk.strength
  static Result<SpectralWalk> load(const Tensors& tensors);

 private:
  std::vector<float> vectors_;     // V, row-major items x dim
  std::vector<float> item_scale_;  // D_i^-1/2
  std::vector<float> strength_;    // s_k / s_1, descending from 1
};

}  // namespace zhiyin
