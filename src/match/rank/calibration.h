// Chances that mean what they say: the predicted odds bent by two numbers, fitted on rows that the model did not learn
// from (Platt 1999; as few numbers as that, because the months after the fit differ from those before it anyway).
//
//   log odds of the calibrated chance = slope log odds of the predicted one + shift
//   L = log loss + ridge ((slope - 1)^2 + shift^2) / 2
//
// Rows of one user go wrong together, so that ten thousand rows may be no more than a hundred opinions on the shift.
// The ridge is therefore chosen across users: what would have helped those who were left out.
#pragma once

#include <cstdint>
#include <span>

namespace zhiyin {

class Calibration {
 public:
  // From predictions and what happened (0 or 1), with the user of each row; by Newton's method. With nothing to go by
  // (no rows, or only one answer) it changes nothing.
  static Calibration fit(std::span<const float> predicted, std::span<const float> happened,
                         std::span<const std::uint32_t> users);
  // The same for a given ridge, rows taken for independent.
  static Calibration fit(std::span<const float> predicted, std::span<const float> happened, double ridge);

  [[nodiscard]] float of(float predicted) const;

 private:
  double slope_ = 1;
  double shift_ = 0;
};

}  // namespace zhiyin
