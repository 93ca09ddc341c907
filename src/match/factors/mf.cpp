#include "match/factors/mf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "match/factors/mf_sampler.h"

namespace zhiyin {

Result<void> Mf::train(const TrainingData& data, const TrainContext& context) {
  if (data.interactions.size() == 0) return invalid("nobody has rated anything yet");
  items_ = data.interactions.items();
  dim_ = static_cast<std::size_t>(params_["factors"]);
  const int burn_in = static_cast<int>(params_["burn_in"]);
  const int sweeps = std::max(1, static_cast<int>(params_["sweeps"]));
  const int every = std::max(1, sweeps / std::max(1, static_cast<int>(params_["samples"])));
  draws_.clear();
  MfSampler sampler(data.interactions, dim_, context.seed);
  for (int sweep = 1; sweep <= burn_in + sweeps; ++sweep) {
    sampler.sweep();
    const double rmse = sampler.rmse();
    if (!std::isfinite(rmse)) return invalid("mf: the ratings are too large or not finite", "value");
    context.on_epoch(sweep, burn_in + sweeps, rmse);
    if (sweep > burn_in && (sweep - burn_in) % every == 0) draws_.push_back(sampler.draw());
  }
  return {};
}

std::vector<double> Mf::fold_in(const Draw& draw, const History& history) const {
  const auto size = dim_ + 1;
  std::vector<double> implied(dim_, 0);
  const double scale = history.items.empty() ? 0 : 1 / std::sqrt(static_cast<double>(history.items.size()));
  for (const auto item : history.items) {
    for (std::size_t f = 0; f < dim_; ++f) implied[f] += scale * draw.implied[item * dim_ + f];
  }
  std::vector<double> matrix(size * size, 0);
  std::vector<double> user(size);
  for (std::size_t a = 0; a < size; ++a) {
    matrix[a * size + a] = draw.precision[a];
    user[a] = double{draw.precision[a]} * draw.centre[a];
  }
  std::vector<double> z(size, 1);
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const auto* q = draw.factors.data() + history.items[h] * dim_;
    double left = history.weights[h] - draw.mean - draw.bias[history.items[h]];
    for (std::size_t f = 0; f < dim_; ++f) {
      z[f + 1] = q[f];
      left -= q[f] * implied[f];
    }
    for (std::size_t a = 0; a < size; ++a) {
      user[a] += draw.noise * z[a] * left;
      for (std::size_t b = 0; b <= a; ++b) matrix[a * size + b] += draw.noise * z[a] * z[b];
    }
  }
  if (const auto factor = Cholesky::of(size, std::move(matrix)); factor.ok()) factor->solve(user);
  for (std::size_t f = 0; f < dim_; ++f) user[f + 1] += implied[f];
  return user;
}

void Mf::score(const History& history, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  const auto share = 1.0F / static_cast<float>(draws_.size());
  std::vector<float> factors(dim_);
  for (const auto& draw : draws_) {
    const auto user = fold_in(draw, history);
    std::copy(user.begin() + 1, user.end(), factors.begin());
    const auto base = draw.mean + static_cast<float>(user.front());
    for (std::size_t item = 0; item < items_; ++item) {
      scores[item] += share * (base + draw.bias[item] + dot(factors.data(), draw.factors.data() + item * dim_, dim_));
    }
  }
}

void Mf::save(Tensors& tensors) const {
  std::vector<float> scalars;
  std::vector<float> priors;
  std::vector<float> biases;
  std::vector<float> factors;
  std::vector<float> implied;
  const auto append = [](std::vector<float>& all, const std::vector<float>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  for (const auto& draw : draws_) {
    scalars.insert(scalars.end(), {draw.mean, draw.noise});
    append(priors, draw.centre);
    append(priors, draw.precision);
    append(biases, draw.bias);
    append(factors, draw.factors);
    append(implied, draw.implied);
  }
  const auto count = draws_.size();
  tensors.put("scalars", Tensor::adopt<float>({count, 2}, std::move(scalars)));
  tensors.put("priors", Tensor::adopt<float>({count, 2, dim_ + 1}, std::move(priors)));
  tensors.put("biases", Tensor::adopt<float>({count, items_}, std::move(biases)));
  tensors.put("factors", Tensor::adopt<float>({count, items_, dim_}, std::move(factors)));
  tensors.put("implied", Tensor::adopt<float>({count, items_, dim_}, std::move(implied)));
}

Result<void> Mf::load(const Tensors& tensors) {
  using Shape = std::vector<std::size_t>;
  ZY_TRY(const auto biases, tensors.get("biases", DType::kF32, Shape{0, 0}));
  ZY_TRY(const auto priors, tensors.get("priors", DType::kF32, Shape{biases.shape()[0], 2, 0}));
  if (priors.shape()[2] == 0 || biases.shape()[0] == 0) return corrupt("a model of no draws");
  const auto count = biases.shape()[0];
  items_ = biases.shape()[1];
  dim_ = priors.shape()[2] - 1;
  ZY_TRY(const auto scalars, tensors.get("scalars", DType::kF32, Shape{count, 2}));
  ZY_TRY(const auto factors, tensors.get("factors", DType::kF32, Shape{count, items_, dim_}));
  ZY_TRY(const auto implied, tensors.get("implied", DType::kF32, Shape{count, items_, dim_}));
  const auto part = [](const Tensor& all, std::size_t at, std::size_t size) {
    const auto values = all.as<float>().subspan(at * size, size);
    return std::vector<float>(values.begin(), values.end());
  };
  draws_.clear();
  for (std::size_t s = 0; s < count; ++s) {
    auto& draw = draws_.emplace_back();
    draw.mean = scalars.as<float>()[2 * s];
    draw.noise = scalars.as<float>()[2 * s + 1];
    draw.centre = part(priors, 2 * s, dim_ + 1);
    draw.precision = part(priors, 2 * s + 1, dim_ + 1);
    if (!(draw.noise > 0) || !std::ranges::all_of(draw.precision, [](float x) { return x > 0; }))
      return corrupt("a precision is not above 0");
    draw.bias = part(biases, s, items_);
    draw.factors = part(factors, s, items_ * dim_);
    draw.implied = part(implied, s, items_ * dim_);
  }
  return {};
}

}  // namespace zhiyin
