// Linear models: the score is the history times a matrix of items by items, whatever that matrix was made of. So all of
// them explain exactly, and all can let what was done last count most (linear/recency.h).
//
//   score(j) = sum over the history's items i of decayed weight_i B_ij
//
// Matrix is NeighbourLists where few pairs have a weight, DenseWeights where all have. What is left to a model of this
// family is train(), which fills weights_ and counts popularity_: what an empty history is answered with, and a short
// one leans on where the model has the setting `lean` (match/leaning.h).
#pragma once

#include "match/leaning.h"
#include "match/linear/recency.h"
#include "match/model.h"
#include "match/popularity.h"

namespace zhiyin {

// The setting that every linear model has; a model gives the default that suits it.
constexpr ParamRange recency_range(double initial) { return {"recency", 0, 100, false, initial}; }

template <typename Matrix>
class LinearModel : public Model {
 public:
  LinearModel(std::string_view name, const Params& params) : params_(params), name_(name) {}

  [[nodiscard]] std::string_view name() const final { return name_; }
  [[nodiscard]] Params params() const final { return params_; }
  void score(const History& history, std::span<float> scores) const final {
    if (history.items.empty()) return popularity_.score(scores);
    weights_.score(recent(history, recency()), scores);
    if (const auto weight = lean_of(history); weight > 0) popularity_.add_share(weight, scores);
  }
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const final {
    return weights_.explain(recent(history, recency()), item);
  }
  [[nodiscard]] std::size_t items() const final { return weights_.items(); }
  void save(Tensors& tensors) const override {
    weights_.save(tensors);
    popularity_.save(tensors);
  }
  Result<void> load(const Tensors& tensors) override {
    ZY_TRY(weights_, Matrix::load(tensors));
    ZY_TRY(popularity_, Popularity::load(tensors, items()));
    return {};
  }
  [[nodiscard]] const Matrix& weights() const { return weights_; }

 protected:
  Params params_;
  Matrix weights_;
  Popularity popularity_;

 private:
  [[nodiscard]] double recency() const { return params_.find("recency")->second; }
  [[nodiscard]] float lean_of(const History& history) const {
    const auto lean = params_.find("lean");
    return lean == params_.end() ? 0 : leaning(lean->second, history.items.size());
  }

  std::string_view name_;
};

}  // namespace zhiyin
