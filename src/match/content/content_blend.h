// Content blend: the model for items that nobody has touched yet. Neighbours by content (content/content_knn.h) say who
// is near what this very user liked, the kernel (content/content_kernel.h) says which neighbourhood of behaviour an item
// falls into; each is brought to mean 0 and deviation 1 and they are added up.
//
//   score = z(content_knn) + kernel_weight z(content_kernel)
//
// Mean and deviation are those over the items that nobody had touched when it was trained (over all where there are
// none): only those are compared with one another. The neighbours alone reach everything but see no behaviour, the
// kernel alone puts few items on everybody's list.
#pragma once

#include <array>
#include <optional>

#include "base/bitmap.h"
#include "match/content/content_kernel.h"
#include "match/content/content_knn.h"
#include "match/model.h"
#include "match/product_spread.h"

namespace zhiyin {

class ContentBlend final : public Model {
 public:
  // Its own, then those of the two models.
  static constexpr auto kRanges = [] {
    std::array<ParamRange, 1 + 1 + ContentKernel::kRanges.size()> ranges{};
    ranges[0] = {"kernel_weight", 0, 2, false, 1};
    ranges[1] = ContentKnn::kRanges[0];
    for (std::size_t k = 0; k < ContentKernel::kRanges.size(); ++k) ranges[2 + k] = ContentKernel::kRanges[k];
    return ranges;
  }();

  explicit ContentBlend(const Params& params);
  [[nodiscard]] std::string_view name() const override { return "content_blend"; }
  [[nodiscard]] Params params() const override { return params_; }
  // Without behaviour the neighbours speak alone.
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  // For items that were untouched, where those are not many: costs what `some` and their lists hold, whatever the number
  // of items. Else a pass over all items.
  void score_some(const History& history, std::span<const ItemIndex> some, std::span<float> scores) const override;
  // Exact: the means are linear in the history, and the deviations are taken as they are for this history.
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override;
  [[nodiscard]] bool scores_cold_items() const override { return true; }
  [[nodiscard]] std::size_t items() const override { return neighbours_.items(); }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  void prepare();  // few_, of all the others

  Params params_;
  ContentKnn neighbours_;
  ContentKernel kernel_;
  std::vector<ItemIndex> untouched_;  // ascending

  // What is asked of untouched items at every request, by their place in untouched_; nothing where they are many.
  struct Few {
    Ranks ranks;
    NeighbourLists lists;
    std::vector<float> places;  // of the kernel, row-major
    ProductSpread spread;       // of the products with those
  };
  std::optional<Few> few_;
};

}  // namespace zhiyin
