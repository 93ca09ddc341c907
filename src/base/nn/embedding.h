// A table of vectors, one row an id. Only the rows that a batch looks up get a gradient and, by the optimisers, a step:
// the cost of a step does not grow with the table.
#pragma once

#include "base/nn/parameters.h"

namespace zhiyin::nn {

class Embedding {
 public:
  // Normal with the given deviation.
  Embedding(std::size_t ids, std::size_t dim, float deviation, Random& random);

  // One row an id. Ids must be < ids().
  [[nodiscard]] Matrix forward(std::span<const std::uint32_t> ids) const;
  void backward(const Matrix& dy, std::span<const std::uint32_t> ids);
  void enumerate(const std::string& name, Parameters& all) { all.push_back({name + ".weight", &table_}); }

  [[nodiscard]] std::size_t ids() const { return table_.value.rows(); }
  [[nodiscard]] const Matrix& table() const { return table_.value; }

 private:
  Parameter table_;
};

}  // namespace zhiyin::nn
