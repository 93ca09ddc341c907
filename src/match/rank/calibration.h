// Chances that mean what they say: the predicted odds bent by two numbers, fitted on rows that the model did not learn
// from (Platt 1999; as few numbers as that, because the months after the fit differ from those before it anyway).
//
//   log odds of the calibrated chance = slope log odds of the predicted one + shift
#pragma once

#include <span>

namespace zhiyin {

class Calibration {
 public:
  // From predictions and what happened (0 or 1), by Newton's method on the log loss. With nothing to go by (no rows, or
  // only one answer) it changes nothing.
  static Calibration fit(std::span<const float> predicted, std::span<const float> happened);

  [[nodiscard]] float of(float predicted) const;

 private:
  double slope_ = 1;
  double shift_ = 0;
};

}  // namespace zhiyin
