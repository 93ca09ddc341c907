// A two-tower model that was trained elsewhere: the vectors of items are a table, the user's tower is a network that is
// served (ONNX), and an inner product is the score:
//
//   s_i = network(history) . v_i
//
// What training does here is taking both in; nothing is learned. Scores are inner products, so that the index of the
// feed finds the best items. The network goes into the snapshot with the table. docs/ranking.md has its inputs.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "match/model.h"
#include "match/popularity.h"

namespace zhiyin {

class OnnxSession;

// What was trained elsewhere, by the rows of this catalogue.
struct ForeignTower {
  std::string network;            // an ONNX model's bytes
  std::size_t dim = 0;            // of an item's vector
  std::vector<float> vectors;     // row-major items x dim; zeros where it does not know the item
  std::vector<std::int64_t> ids;  // what the network calls each item; below 0 where it does not know it
};

class ServedTower final : public Model {
 public:
  static constexpr std::array<ParamRange, 1> kRanges = {{{"most_history", 10, 1000, true, 200}}};

  explicit ServedTower(const Params& params);
  ~ServedTower() override;
  [[nodiscard]] std::string_view name() const override { return "tower"; }
  [[nodiscard]] Params params() const override { return params_; }
  // kInvalid: no tower was given, or a network whose inputs or output are not those of docs/ranking.md; it is asked about
  // short histories, so that what does not fit is said now.
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  // What is popular for an empty history, or one of items that the tower does not know.
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] ItemVectors item_vectors() const override { return {dim_, vectors_}; }
  // Zeros, and a line in the log, should the network fail.
  [[nodiscard]] std::vector<float> query(const History& history) const override;
  [[nodiscard]] bool scores_cold_items() const override { return true; }
  [[nodiscard]] std::size_t items() const override { return ids_.size(); }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  Result<void> open();
  // `known`: the items of a history that the tower knows, oldest first, at least one.
  [[nodiscard]] Result<std::vector<float>> ask(std::span<const ItemIndex> known, std::span<const float> weights) const;

  Params params_;
  std::string network_;
  std::size_t dim_ = 0;
  std::vector<float> vectors_;
  std::vector<std::int64_t> ids_;
  Popularity popularity_;
  std::unique_ptr<const OnnxSession> session_;
};

}  // namespace zhiyin
