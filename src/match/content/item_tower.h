// An item's vector from what is known of it: one part for each modality of its content, and one that is its own.
//
//   part_m = W_m x_m + b_m, part_id = a row of a table
//   a = softmax over the parts that are there of (v.part / sqrt(dim) + c_m)
//   h = sum a_m part_m
//
// Any part may be missing: without one the others share its weight, without all h is zeros.
#pragma once

#include <span>
#include <vector>

#include "base/nn/dense.h"
#include "base/nn/embedding.h"

namespace zhiyin {

class ItemTower {
 public:
  struct Kept {
    std::vector<std::uint32_t> ids;
    std::vector<std::uint8_t> present;
    std::vector<nn::Dense::Kept> projections;
    nn::Matrix parts;    // (items x parts) x dim
    nn::Matrix weights;  // a: items x parts, 0 where a part is missing
  };

  // `blocks`: how many numbers each modality has, one after the other in a row of content.
  ItemTower(std::vector<std::size_t> blocks, std::size_t items, std::size_t dim, Random& random);

  // content: one row for each of `ids`. present: a flag for each part of each of them, modalities first, the id last.
  nn::Matrix forward(std::vector<std::uint32_t> ids, const nn::Matrix& content, std::vector<std::uint8_t> present,
                     Kept* keep = nullptr) const;
  void backward(const nn::Matrix& dy, const Kept& kept);
  void enumerate(nn::Parameters& all);

  [[nodiscard]] std::size_t parts() const { return blocks_.size() + 1; }

 private:
  std::vector<std::size_t> blocks_;
  std::vector<nn::Dense> projections_;
  nn::Embedding own_;
  nn::Parameter question_;    // v: 1 x dim
  nn::Parameter preference_;  // c: 1 x parts
};

}  // namespace zhiyin
