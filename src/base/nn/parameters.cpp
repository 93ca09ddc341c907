#include "base/nn/parameters.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace zhiyin::nn {
namespace {

Parameter uniform(std::size_t rows, std::size_t columns, float bound, Random& random) {
  Parameter parameter(rows, columns);
  for (auto& value : parameter.value.values()) value = (2 * random.uniform() - 1) * bound;
  return parameter;
}

}  // namespace

Parameter random_weights(std::size_t inputs, std::size_t outputs, Random& random) {
  return uniform(inputs, outputs, std::sqrt(6.0F / static_cast<float>(inputs + outputs)), random);
}

Parameter random_weights_relu(std::size_t inputs, std::size_t outputs, Random& random) {
  return uniform(inputs, outputs, std::sqrt(6.0F / static_cast<float>(inputs)), random);
}

void clear_gradients(const Parameters& all) {
  for (const auto& [name, parameter] : all) {
    std::ranges::fill(parameter->gradient.values(), 0.0F);
    parameter->touched.clear();
  }
}

void save(const Parameters& all, std::string_view prefix, Tensors& tensors) {
  for (const auto& [name, parameter] : all) {
    const auto& value = parameter->value;
    tensors.put(std::string(prefix) + name, Tensor::from<float>({value.rows(), value.columns()}, value.values()));
  }
}

Result<void> load(const Parameters& all, std::string_view prefix, const Tensors& tensors) {
  for (const auto& [name, parameter] : all) {
    auto& value = parameter->value;
    const std::array<std::size_t, 2> shape = {value.rows(), value.columns()};
    ZY_TRY(const auto tensor, tensors.get(std::string(prefix) + name, DType::kF32, shape));
    std::ranges::copy(tensor.as<float>(), value.values().begin());
  }
  return {};
}

}  // namespace zhiyin::nn
