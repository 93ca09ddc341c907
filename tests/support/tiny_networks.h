// Small transformers of random weights: written as ONNX models, and the same networks in plain loops to compare with.
//
// Both sides draw their weights by name from one Weights. The ONNX side handles batches [rows, steps, dim]; the plain
// side one row, steps x dim, in double precision: what the ONNX side pads, the plain side does not know.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "understand/embed/onnx/onnx_writer.h"

namespace zhiyin::tiny {

class Weights {
 public:
  explicit Weights(std::uint64_t seed) : seed_(seed) {}
  // Normal with this deviation; the same values whenever the name is asked for.
  const std::vector<float>& get(const std::string& name, std::size_t count, float deviation = 0.4F);
  void set(const std::string& name, std::vector<float> values) { values_[name] = std::move(values); }

 private:
  std::uint64_t seed_;
  std::map<std::string, std::vector<float>> values_;
};

// --- The ONNX side: every call appends nodes and returns the name of their result.
class Writer {
 public:
  explicit Writer(Weights& weights) : weights_(weights) {}
  OnnxModel model;

  using Attributes = std::vector<OnnxAttribute>;
  using Integers = std::vector<std::int64_t>;
  std::string node(std::string op, std::vector<std::string> inputs, Attributes attributes = {});
  // An input with its own name.
  std::string input(std::string name, OnnxType type, Integers shape);
  void output(const std::string& value, std::string name, OnnxType type, Integers shape);
  std::string integers(const Integers& values);  // 1-D
  std::string integer(std::int64_t value);       // 0-D
  std::string scalar(float value);
  std::string weight(const std::string& name, Integers shape, float deviation = 0.4F);

  std::string embedding(const std::string& ids, const std::string& name, int count, int dim);
  std::string linear(const std::string& x, const std::string& name, int in, int out);
  std::string layer_norm(const std::string& x, const std::string& name, int dim);
  std::string gelu(const std::string& x);  // x / 2 (1 + erf(x / sqrt 2))
  // Of x over y; mask is added to the scores before the softmax, "" for none.
  std::string attention(const std::string& x, const std::string& y, const std::string& mask, const std::string& name,
                        int dim, int heads);
  // From [rows, steps] of 0 and 1: 0 where a step counts, -10000 where it does not, as [rows, 1, 1, steps].
  std::string padding_mask(const std::string& mask);
  // -10000 where a step would see a later one, as [steps, steps]; ids: [rows, steps].
  std::string causal_mask(const std::string& ids);
  // The learned positions of as many steps as ids has: [steps, dim].
  std::string positions(const std::string& ids, const std::string& name, int longest, int dim);
  std::string feed_forward(const std::string& x, const std::string& name, int dim, int inner);

 private:
  std::string fresh() { return "v" + std::to_string(count_++); }
  Weights& weights_;
  int count_ = 0;
  std::map<std::string, bool> written_;
};

// --- The plain side.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c, 0.0) {}
  double& at(std::size_t r, std::size_t c) { return values[r * columns + c]; }
  [[nodiscard]] double at(std::size_t r, std::size_t c) const { return values[r * columns + c]; }
  [[nodiscard]] std::vector<float> row(std::size_t r) const;
};

class Plain {
 public:
  explicit Plain(Weights& weights) : weights_(weights) {}
  Matrix embedding(const std::vector<std::int64_t>& ids, const std::string& name, int count, int dim);
  Matrix linear(const Matrix& x, const std::string& name, int out);
  Matrix layer_norm(const Matrix& x, const std::string& name);
  static Matrix gelu(Matrix x);
  static Matrix sum(Matrix a, const Matrix& b);
  Matrix attention(const Matrix& x, const Matrix& y, bool causal, const std::string& name, int heads);
  Matrix feed_forward(const Matrix& x, const std::string& name, int inner);
  Matrix positions(std::size_t steps, const std::string& name, int longest, int dim);
  Weights& weights() { return weights_; }

 private:
  Weights& weights_;
};

std::vector<float> unit_length(std::vector<float> values);

}  // namespace zhiyin::tiny
