// GRU4Rec: a recurrent net over the history (Hidasi et al. 2016), learned like SASRec by softmax over the next item.
//
//   state_t = gru(dropout(item_1 .. item_t)) W
#pragma once

#include "match/sequence/sequence_model.h"

namespace zhiyin {

class Gru4Rec final : public SequenceModel {
 public:
  static constexpr auto kRanges = sequence_ranges(3e-3, 20);

  using SequenceModel::SequenceModel;
  [[nodiscard]] std::string_view name() const override { return "gru4rec"; }

 private:
  [[nodiscard]] std::unique_ptr<SequenceNet> make_net(const Params& params, std::size_t dim, std::size_t length,
                                                      Random& random) const override;
};

}  // namespace zhiyin
