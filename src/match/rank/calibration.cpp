#include "match/rank/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/measure/chances.h"

namespace zhiyin {
namespace {

constexpr std::uint32_t kFolds = 10;
constexpr double kLeastRidge = 1e-3;  // keeps the slope finite where predictions tell yes from no without fault
constexpr double kMostRidge = 1e5;    // changes next to nothing

double log_odds(float chance) {
  const double p = std::clamp(double{chance}, 1e-6, 1 - 1e-6);
  return std::log(p / (1 - p));
}

double chance_of(double odds) { return 1 / (1 + std::exp(-odds)); }

// The log loss on the users of each fold, calibrated by those of the others.
double loss_of_others(std::span<const float> predicted, std::span<const float> happened,
                      std::span<const std::uint32_t> users, double ridge) {
  std::vector<float> calibrated(predicted.size());
  for (std::uint32_t fold = 0; fold < kFolds; ++fold) {
    std::vector<float> chances;
    std::vector<float> outcomes;
    for (std::size_t k = 0; k < users.size(); ++k) {
      if (users[k] % kFolds == fold) continue;
      chances.push_back(predicted[k]);
      outcomes.push_back(happened[k]);
    }
    const auto others = Calibration::fit(chances, outcomes, ridge);
    for (std::size_t k = 0; k < users.size(); ++k) {
      if (users[k] % kFolds == fold) calibrated[k] = others.of(predicted[k]);
    }
  }
  return log_loss(calibrated, happened);
}

}  // namespace

Calibration Calibration::fit(std::span<const float> predicted, std::span<const float> happened,
                             std::span<const std::uint32_t> users) {
  double best_ridge = kLeastRidge;
  double best_loss = std::numeric_limits<double>::infinity();
  for (double ridge = kLeastRidge; ridge <= kMostRidge; ridge *= 10) {
    const double loss = loss_of_others(predicted, happened, users, ridge);
    if (loss >= best_loss) continue;
    best_loss = loss;
    best_ridge = ridge;
  }
  return fit(predicted, happened, best_ridge);
}

Calibration Calibration::fit(std::span<const float> predicted, std::span<const float> happened, double ridge) {
  constexpr int kSteps = 50;
  Calibration fitted;
  const double yes = std::accumulate(happened.begin(), happened.end(), 0.0);
  if (yes == 0 || yes == static_cast<double>(happened.size())) return fitted;
  std::vector<double> odds(predicted.size());
  std::ranges::transform(predicted, odds.begin(), log_odds);
  const auto loss = [&](double slope, double shift) {
    double sum = ridge * ((slope - 1) * (slope - 1) + shift * shift) / 2;
    for (std::size_t k = 0; k < odds.size(); ++k) {
      const double s = slope * odds[k] + shift;
      sum += std::max(s, 0.0) + std::log1p(std::exp(-std::abs(s))) - happened[k] * s;
    }
    return sum;
  };
  double now = loss(fitted.slope_, fitted.shift_);
  for (int step = 0; step < kSteps; ++step) {
    double g0 = ridge * (fitted.slope_ - 1);  // gradient and Hessian by slope (0) and shift (1)
    double g1 = ridge * fitted.shift_;
    double h00 = ridge;
    double h01 = 0;
    double h11 = ridge;
    for (std::size_t k = 0; k < odds.size(); ++k) {
      const double p = chance_of(fitted.slope_ * odds[k] + fitted.shift_);
      const double weight = p * (1 - p);
      g0 += (p - happened[k]) * odds[k];
      g1 += p - happened[k];
      h00 += weight * odds[k] * odds[k];
      h01 += weight * odds[k];
      h11 += weight;
    }
    const double determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 0)) break;
    const double d0 = (h11 * g0 - h01 * g1) / determinant;
    const double d1 = (h00 * g1 - h01 * g0) / determinant;
    double length = 1;  // halved until the loss falls: far from the answer a whole step leaps over it
    while (length > 1e-6 && !(loss(fitted.slope_ - length * d0, fitted.shift_ - length * d1) < now)) length /= 2;
    if (length <= 1e-6) break;
    fitted.slope_ -= length * d0;
    fitted.shift_ -= length * d1;
    now = loss(fitted.slope_, fitted.shift_);
  }
  return fitted;
}

float Calibration::of(float predicted) const {
  return static_cast<float>(chance_of(slope_ * log_odds(predicted) + shift_));
}

}  // namespace zhiyin
