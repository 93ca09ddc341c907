// SASRec: causal self-attention over the history (Kang and McAuley 2018), learned by softmax cross entropy in place of
// the paper's one negative, which is what makes it strong (Klenitskiy and Vasilev 2023).
//
//   x_t = item_t + position_t;  per block: x <- x + attention(norm(x)),  x <- x + W_2 relu(W_1 norm(x));
//   state = norm(x)
//
// Positions are counted from the newest item, so that a short history means what the end of a long one means.
#pragma once

#include "match/sequence/sequence_model.h"

namespace zhiyin {

class SasRec final : public SequenceModel {
 public:
  static constexpr auto kRanges = [] {
    const auto shared = sequence_ranges(1e-3, 30);
    std::array<ParamRange, shared.size() + 2> all{};
    for (std::size_t k = 0; k < shared.size(); ++k) all[k] = shared[k];
    all[shared.size()] = {"blocks", 1, 3, false, 1};
    all[shared.size() + 1] = {"heads", 1, 1, false, 1};
    return all;
  }();

  using SequenceModel::SequenceModel;
  [[nodiscard]] std::string_view name() const override { return "sasrec"; }

 private:
  [[nodiscard]] std::unique_ptr<SequenceNet> make_net(const Params& params, std::size_t dim, std::size_t length,
                                                      Random& random) const override;
};

}  // namespace zhiyin
