#include "support/tiny_networks.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/random.h"

namespace zhiyin::tiny {

const std::vector<float>& Weights::get(const std::string& name, std::size_t count, float deviation) {
  auto& values = values_[name];
  if (values.empty()) {
    std::uint64_t seed = seed_;
    for (const char c : name) seed = seed * 1099511628211ULL + static_cast<unsigned char>(c);
    Random random(seed);
    for (std::size_t i = 0; i < count; ++i) values.push_back(deviation * static_cast<float>(random.normal()));
  }
  return values;
}

// --- ONNX

std::string Writer::node(std::string op, std::vector<std::string> inputs, Attributes attributes) {
  auto name = fresh();
  model.nodes.push_back({std::move(op), std::move(inputs), {name}, std::move(attributes)});
  return name;
}

std::string Writer::input(std::string name, OnnxType type, Integers shape) {
  model.inputs.push_back({name, type, std::move(shape)});
  return name;
}

void Writer::output(const std::string& value, std::string name, OnnxType type, Integers shape) {
  model.nodes.push_back({"Identity", {value}, {name}, {}});
  model.outputs.push_back({std::move(name), type, std::move(shape)});
}

std::string Writer::integers(const Integers& values) {
  auto name = fresh();
  model.initializers.push_back(
      OnnxInitializer::of(name, {static_cast<std::int64_t>(values.size())}, std::span<const std::int64_t>(values)));
  return name;
}

std::string Writer::integer(std::int64_t value) {
  auto name = fresh();
  model.initializers.push_back(OnnxInitializer::of(name, {}, std::span<const std::int64_t>(&value, 1)));
  return name;
}

std::string Writer::scalar(float value) {
  auto name = fresh();
  model.initializers.push_back(OnnxInitializer::of(name, {}, std::span<const float>(&value, 1)));
  return name;
}

std::string Writer::weight(const std::string& name, Integers shape, float deviation) {
  const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  const auto& values = weights_.get(name, static_cast<std::size_t>(count), deviation);
  if (!written_[name])
    model.initializers.push_back(OnnxInitializer::of(name, std::move(shape), std::span<const float>(values)));
  written_[name] = true;
  return name;
}

std::string Writer::embedding(const std::string& ids, const std::string& name, int count, int dim) {
  return node("Gather", {weight(name, {count, dim}), ids}, {{"axis", std::int64_t{0}}});
}

std::string Writer::linear(const std::string& x, const std::string& name, int in, int out) {
  const auto product = node("MatMul", {x, weight(name + ".w", {in, out})});
  return node("Add", {product, weight(name + ".b", {out})});
}

std::string Writer::layer_norm(const std::string& x, const std::string& name, int dim) {
  const Attributes last{{"axes", Integers{-1}}, {"keepdims", std::int64_t{1}}};
  const auto centred = node("Sub", {x, node("ReduceMean", {x}, last)});
  const auto variance = node("ReduceMean", {node("Mul", {centred, centred})}, last);
  const auto deviation = node("Sqrt", {node("Add", {variance, scalar(1e-5F)})});
  const auto scaled = node("Mul", {node("Div", {centred, deviation}), weight(name + ".g", {dim})});
  return node("Add", {scaled, weight(name + ".b", {dim})});
}

std::string Writer::gelu(const std::string& x) {
  const auto erf = node("Erf", {node("Mul", {x, scalar(static_cast<float>(std::sqrt(0.5)))})});
  return node("Mul", {node("Mul", {x, scalar(0.5F)}), node("Add", {erf, scalar(1)})});
}

std::string Writer::attention(const std::string& x, const std::string& y, const std::string& mask,
                              const std::string& name, int dim, int heads) {
  const auto shape = integers({0, 0, heads, dim / heads});
  const auto part = [&](const std::string& of, const char* which, Integers order) {
    return node("Transpose", {node("Reshape", {linear(of, name + which, dim, dim), shape})},
                {{"perm", std::move(order)}});
  };
  auto scores = node("MatMul", {part(x, ".q", {0, 2, 1, 3}), part(y, ".k", {0, 2, 3, 1})});
  scores = node("Mul", {scores, scalar(static_cast<float>(1 / std::sqrt(dim / heads)))});
  if (!mask.empty()) scores = node("Add", {scores, mask});
  const auto seen =
      node("MatMul", {node("Softmax", {scores}, {{"axis", std::int64_t{-1}}}), part(y, ".v", {0, 2, 1, 3})});
  const auto joined =
      node("Reshape", {node("Transpose", {seen}, {{"perm", Integers{0, 2, 1, 3}}}), integers({0, 0, dim})});
  return linear(joined, name + ".o", dim, dim);
}

std::string Writer::padding_mask(const std::string& mask) {
  const auto real = node("Cast", {node("Unsqueeze", {mask, integers({1, 2})})}, {{"to", std::int64_t{1}}});
  return node("Mul", {node("Sub", {scalar(1), real}), scalar(-10000)});
}

std::string Writer::causal_mask(const std::string& ids) {
  const auto steps = node("Gather", {node("Shape", {ids}), integer(1)}, {{"axis", std::int64_t{0}}});
  const auto range = node("Range", {integer(0), steps, integer(1)});
  const auto later =
      node("Greater", {node("Unsqueeze", {range, integers({0})}), node("Unsqueeze", {range, integers({1})})});
  return node("Mul", {node("Cast", {later}, {{"to", std::int64_t{1}}}), scalar(-10000)});
}

std::string Writer::positions(const std::string& ids, const std::string& name, int longest, int dim) {
  const auto steps = node("Gather", {node("Shape", {ids}), integer(1)}, {{"axis", std::int64_t{0}}});
  return embedding(node("Range", {integer(0), steps, integer(1)}), name, longest, dim);
}

std::string Writer::feed_forward(const std::string& x, const std::string& name, int dim, int inner) {
  return linear(gelu(linear(x, name + ".1", dim, inner)), name + ".2", inner, dim);
}

// --- Plain loops

std::vector<float> Matrix::row(std::size_t r) const {
  return {values.begin() + static_cast<std::ptrdiff_t>(r * columns),
          values.begin() + static_cast<std::ptrdiff_t>((r + 1) * columns)};
}

Matrix Plain::embedding(const std::vector<std::int64_t>& ids, const std::string& name, int count, int dim) {
  const auto& table = weights_.get(name, static_cast<std::size_t>(count) * dim);
  Matrix out(ids.size(), static_cast<std::size_t>(dim));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    for (std::size_t k = 0; k < out.columns; ++k)
      out.at(i, k) = table[static_cast<std::size_t>(ids[i]) * out.columns + k];
  }
  return out;
}

Matrix Plain::positions(std::size_t steps, const std::string& name, int longest, int dim) {
  std::vector<std::int64_t> ids(steps);
  std::iota(ids.begin(), ids.end(), 0);
  return embedding(ids, name, longest, dim);
}

Matrix Plain::linear(const Matrix& x, const std::string& name, int out) {
  const auto& w = weights_.get(name + ".w", x.columns * out);
  const auto& b = weights_.get(name + ".b", static_cast<std::size_t>(out));
  Matrix y(x.rows, static_cast<std::size_t>(out));
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t c = 0; c < y.columns; ++c) {
      double sum = b[c];
      for (std::size_t k = 0; k < x.columns; ++k) sum += x.at(r, k) * w[k * y.columns + c];
      y.at(r, c) = sum;
    }
  }
  return y;
}

Matrix Plain::layer_norm(const Matrix& x, const std::string& name) {
  const auto& g = weights_.get(name + ".g", x.columns);
  const auto& b = weights_.get(name + ".b", x.columns);
  Matrix y(x.rows, x.columns);
  const auto n = static_cast<double>(x.columns);
  for (std::size_t r = 0; r < x.rows; ++r) {
    double mean = 0;
    double variance = 0;
    for (std::size_t k = 0; k < x.columns; ++k) mean += x.at(r, k) / n;
    for (std::size_t k = 0; k < x.columns; ++k) variance += (x.at(r, k) - mean) * (x.at(r, k) - mean) / n;
    for (std::size_t k = 0; k < x.columns; ++k)
      y.at(r, k) = (x.at(r, k) - mean) / std::sqrt(variance + 1e-5) * g[k] + b[k];
  }
  return y;
}

Matrix Plain::gelu(Matrix x) {
  for (auto& value : x.values) value = value / 2 * (1 + std::erf(value * std::sqrt(0.5)));
  return x;
}

Matrix Plain::sum(Matrix a, const Matrix& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

Matrix Plain::attention(const Matrix& x, const Matrix& y, bool causal, const std::string& name, int heads) {
  const auto dim = static_cast<int>(x.columns);
  const auto q = linear(x, name + ".q", dim);
  const auto k = linear(y, name + ".k", dim);
  const auto v = linear(y, name + ".v", dim);
  const auto width = x.columns / static_cast<std::size_t>(heads);
  Matrix seen(x.rows, x.columns);
  std::vector<double> weights(y.rows);
  for (std::size_t head = 0; head < static_cast<std::size_t>(heads); ++head) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const auto visible = causal ? i + 1 : y.rows;
      double highest = -1e300;
      for (std::size_t j = 0; j < visible; ++j) {
        weights[j] = 0;
        for (std::size_t d = head * width; d < (head + 1) * width; ++d) weights[j] += q.at(i, d) * k.at(j, d);
        weights[j] /= std::sqrt(static_cast<double>(width));
        highest = std::max(highest, weights[j]);
      }
      double sum = 0;
      for (std::size_t j = 0; j < visible; ++j) sum += weights[j] = std::exp(weights[j] - highest);
      for (std::size_t j = 0; j < visible; ++j) {
        for (std::size_t d = head * width; d < (head + 1) * width; ++d) seen.at(i, d) += weights[j] / sum * v.at(j, d);
      }
    }
  }
  return linear(seen, name + ".o", dim);
}

Matrix Plain::feed_forward(const Matrix& x, const std::string& name, int inner) {
  return linear(gelu(linear(x, name + ".1", inner)), name + ".2", static_cast<int>(x.columns));
}

std::vector<float> unit_length(std::vector<float> values) {
  double squares = 0;
  for (const float value : values) squares += double{value} * value;
  for (float& value : values) value = static_cast<float>(value / std::sqrt(squares));
  return values;
}

}  // namespace zhiyin::tiny
