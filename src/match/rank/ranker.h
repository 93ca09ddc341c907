// A ranking model: the chance that somebody says yes to what they are shown, from whatever is known of them, of the
// item and of the moment. It orders what matching models found; it is not asked about a whole catalogue.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/tensors.h"
#include "match/model.h"

namespace zhiyin {

// One row an impression: features by number, each of one field ("occupation"), with a value (1, or 1/k where a field
// has k of them, as genres have).
struct ImpressionRows {
  std::size_t fields = 0;
  std::vector<std::uint16_t> field_of;     // by feature; its size is the number of features
  std::vector<std::size_t> offsets = {0};  // row r's features are at offsets[r] .. offsets[r + 1]
  std::vector<std::uint32_t> features;
  std::vector<float> values;
  std::vector<float> labels;  // 0 or 1, one a row

  [[nodiscard]] std::size_t rows() const { return offsets.size() - 1; }
  void add(std::uint32_t feature, float value) {
    features.push_back(feature);
    values.push_back(value);
  }
  void end_row(float label) {
    labels.push_back(label);
    offsets.push_back(features.size());
  }
};

class Ranker {
 public:
  virtual ~Ranker() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual Params params() const = 0;

  // Learns from `rows` and stops by the log loss on `valid`, of which the best state is kept.
  virtual Result<void> train(const ImpressionRows& rows, const ImpressionRows& valid, const TrainContext& context) = 0;

  // The chance of a yes, row by row. Thread-safe.
  [[nodiscard]] virtual std::vector<float> predict(const ImpressionRows& rows) const = 0;

  // How many it learned; rows that are predicted name no other.
  [[nodiscard]] virtual std::size_t features() const = 0;

  virtual void save(Tensors& tensors) const = 0;
  virtual Result<void> load(const Tensors& tensors) = 0;
};

// logistic, fm or dcn. Errors as make_model()'s.
Result<std::unique_ptr<Ranker>> make_ranker(std::string_view name, const Params& params);

}  // namespace zhiyin
