#include "base/nn/optimizers.h"

#include <algorithm>
#include <cmath>

namespace zhiyin::nn {
namespace {

// Each row with a gradient once, in ascending order.
template <typename Body>
void each_live_row(Parameter& parameter, Body body) {
  if (!parameter.by_rows) {
    for (std::size_t r = 0; r < parameter.value.rows(); ++r) body(r);
    return;
  }
  auto& rows = parameter.touched;
  std::ranges::sort(rows);
  rows.erase(std::ranges::unique(rows).begin(), rows.end());
  for (const auto r : rows) body(r);
}

}  // namespace

double gradient_norm(const Parameters& all) {
  double squares = 0;
  for (const auto& [name, parameter] : all) {
    each_live_row(*parameter, [&, &gradient = parameter->gradient](std::size_t r) {
      for (const float g : gradient.row(r)) squares += double{g} * g;
    });
  }
  return std::sqrt(squares);
}

Adam::Adam(Parameters parameters, AdamOptions options) : parameters_(std::move(parameters)), options_(options) {
  for (const auto& [name, parameter] : parameters_) {
    const auto& value = parameter->value;
    states_.push_back({Matrix(value.rows(), value.columns()), Matrix(value.rows(), value.columns()),
                       std::vector<int>(value.rows(), 0)});
  }
}

void Adam::step() {
  float scale = 1;
  if (options_.most_norm > 0) {
    const double norm = gradient_norm(parameters_);
    if (norm > options_.most_norm) scale = static_cast<float>(options_.most_norm / norm);
  }
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    auto& parameter = *parameters_[p].parameter;
    auto& state = states_[p];
    each_live_row(parameter, [&](std::size_t r) {
      const int t = ++state.steps[r];
      const auto mean_bias = static_cast<float>(1 - std::pow(double{options_.mean_decay}, t));
      const auto square_bias = static_cast<float>(1 - std::pow(double{options_.square_decay}, t));
      const auto value = parameter.value.row(r);
      const auto gradient = parameter.gradient.row(r);
      const auto mean = state.mean.row(r);
      const auto square = state.square.row(r);
      for (std::size_t d = 0; d < value.size(); ++d) {
        const float g = scale * gradient[d];
        mean[d] += (1 - options_.mean_decay) * (g - mean[d]);
        square[d] += (1 - options_.square_decay) * (g * g - square[d]);
        value[d] -= options_.rate * (mean[d] / mean_bias / (std::sqrt(square[d] / square_bias) + options_.epsilon) +
                                     options_.weight_decay * value[d]);
        gradient[d] = 0;
      }
    });
    parameter.touched.clear();
  }
}

Adagrad::Adagrad(Parameters parameters, AdagradOptions options)
    : parameters_(std::move(parameters)), options_(options) {
  for (const auto& [name, parameter] : parameters_)
    squares_.emplace_back(parameter->value.rows(), parameter->value.columns());
}

void Adagrad::step() {
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    auto& parameter = *parameters_[p].parameter;
    each_live_row(parameter, [&](std::size_t r) {
      const auto value = parameter.value.row(r);
      const auto gradient = parameter.gradient.row(r);
      const auto square = squares_[p].row(r);
      for (std::size_t d = 0; d < value.size(); ++d) {
        square[d] += gradient[d] * gradient[d];
        value[d] -= options_.rate * gradient[d] / (std::sqrt(square[d]) + options_.epsilon);
        gradient[d] = 0;
      }
    });
    parameter.touched.clear();
  }
}

}  // namespace zhiyin::nn
