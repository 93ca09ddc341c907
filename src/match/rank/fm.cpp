#include "match/rank/fm.h"

#include <algorithm>
#include <cmath>

#include "base/measure/chances.h"
#include "base/random.h"
#include "match/early_stop.h"

namespace zhiyin {
namespace {

float sigmoid(float s) { return 1 / (1 + std::exp(-s)); }

// One Adagrad step on one number.
void adagrad(float& value, float& squares, float gradient, float rate) {
  squares += gradient * gradient;
  value -= rate * gradient / (std::sqrt(squares) + 1e-8F);
}

}  // namespace

Params Fm::params() const {
  auto own = params_;
  if (name_ == "logistic") own.erase("factors");
  return own;
}

float Fm::score(const ImpressionRows& rows, std::size_t row, std::span<float> sum) const {
  std::ranges::fill(sum, 0.0F);
  float s = weights_.front();
  float own = 0;
  for (auto k = rows.offsets[row]; k < rows.offsets[row + 1]; ++k) {
    const auto feature = rows.features[k];
    const float x = rows.values[k];
    s += weights_[feature + 1] * x;
    for (std::size_t f = 0; f < dim_; ++f) {
      const float vx = factors_[feature * dim_ + f] * x;
      sum[f] += vx;
      own += vx * vx;
    }
  }
  for (const float each : sum) s += each * each / 2;
  return s - own / 2;
}

Result<void> Fm::train(const ImpressionRows& rows, const ImpressionRows& valid, const TrainContext& context) {
  if (rows.rows() == 0 || valid.rows() == 0) return invalid("there are no rows to learn from, or none to stop by");
  constexpr float kInitialDeviation = 0.01F;
  // Squares that factors begin with: without them the first step of a feature that is met once is as long as the rate,
  // in every dimension, and rare features fill the sums with noise.
  constexpr float kFactorSquares = 10;
  const auto features = rows.field_of.size();
  dim_ = static_cast<std::size_t>(params_["factors"]);
  const auto rate = static_cast<float>(params_["rate"]);
  const auto decay = static_cast<float>(params_["regularisation"]);
  Random random(context.seed, 8);
  weights_.assign(features + 1, 0);
  factors_.resize(features * dim_);
  for (auto& value : factors_) value = kInitialDeviation * random.normal();
  std::vector<float> weight_squares(weights_.size(), 1e-6F);
  std::vector<float> factor_squares(factors_.size(), kFactorSquares);

  std::vector<std::uint32_t> order(rows.rows());
  for (std::uint32_t r = 0; r < order.size(); ++r) order[r] = r;
  std::vector<float> sum(dim_);
  auto best = std::pair(weights_, factors_);
  EarlyStop stop(static_cast<int>(params_["patience"]));
  const int epochs = std::max(1, static_cast<int>(params_["epochs"]));
  for (int epoch = 1; epoch <= epochs && !stop.over(); ++epoch) {
    random.shuffle(std::span(order));
    for (const auto row : order) {
      const float g = sigmoid(score(rows, row, sum)) - rows.labels[row];
      adagrad(weights_[0], weight_squares[0], g, rate);
      for (auto k = rows.offsets[row]; k < rows.offsets[row + 1]; ++k) {
        const auto feature = rows.features[k];
        const float x = rows.values[k];
        auto& weight = weights_[feature + 1];
        adagrad(weight, weight_squares[feature + 1], g * x + decay * weight, rate);
        for (std::size_t f = 0; f < dim_; ++f) {
          auto& v = factors_[feature * dim_ + f];
          adagrad(v, factor_squares[feature * dim_ + f], g * x * (sum[f] - v * x) + decay * v, rate);
        }
      }
    }
    const double loss = log_loss(predict(valid), valid.labels);
    if (!std::isfinite(loss)) return invalid(std::string(name_) + ": the loss is not finite; lower the rate", "rate");
    context.on_epoch(epoch, epochs, loss);
    if (stop.best(loss)) best = {weights_, factors_};
  }
  std::tie(weights_, factors_) = std::move(best);
  return {};
}

std::vector<float> Fm::predict(const ImpressionRows& rows) const {
  std::vector<float> chances(rows.rows());
  std::vector<float> sum(dim_);
  for (std::size_t row = 0; row < chances.size(); ++row) chances[row] = sigmoid(score(rows, row, sum));
  return chances;
}

void Fm::save(Tensors& tensors) const {
  tensors.put("weights", Tensor::from<float>({weights_.size()}, weights_));
  tensors.put("factors", Tensor::from<float>({weights_.empty() ? 0 : weights_.size() - 1, dim_}, factors_));
}

Result<void> Fm::load(const Tensors& tensors) {
  ZY_TRY(const auto weights, tensors.get("weights", DType::kF32, std::array<std::size_t, 1>{0}));
  if (weights.size() == 0) return corrupt("there is not even a constant");
  ZY_TRY(const auto factors, tensors.get("factors", DType::kF32, std::array<std::size_t, 2>{weights.size() - 1, 0}));
  dim_ = factors.shape()[1];
  weights_.assign(weights.as<float>().begin(), weights.as<float>().end());
  factors_.assign(factors.as<float>().begin(), factors.as<float>().end());
  return {};
}

}  // namespace zhiyin
