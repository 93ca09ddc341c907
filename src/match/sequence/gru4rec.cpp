#include "match/sequence/gru4rec.h"

#include "base/nn/activations.h"
#include "base/nn/dense.h"
#include "base/nn/gru.h"

namespace zhiyin {
namespace {

class Gru4RecNet final : public SequenceNet {
 public:
  Gru4RecNet(std::size_t dim, float dropout, Random& random)
      : dropout_(dropout), gru_(dim, dim, random), out_(dim, dim, random) {}

  nn::Matrix forward(nn::Matrix x, const nn::Sequences& shape, Random* random,
                     std::unique_ptr<Kept>* kept) const override {
    auto own = std::make_unique<NetKept>();
    if (random != nullptr) x = nn::dropout(std::move(x), dropout_, *random, own->before);
    auto states = gru_.forward(std::move(x), shape, &own->gru);
    if (random != nullptr) states = nn::dropout(std::move(states), dropout_, *random, own->after);
    states = out_.forward(std::move(states), &own->out);
    if (kept != nullptr) *kept = std::move(own);
    return states;
  }

  nn::Matrix backward(nn::Matrix dy, const Kept& kept) override {
    const auto& own = dynamic_cast<const NetKept&>(kept);
    auto d_states = nn::dropout_backward(out_.backward(dy, own.out), own.after);
    return nn::dropout_backward(gru_.backward(d_states, own.gru), own.before);
  }

  void enumerate(nn::Parameters& all) override {
    gru_.enumerate("gru", all);
    out_.enumerate("out", all);
  }

 private:
  struct NetKept final : Kept {
    nn::Matrix before;
    nn::Gru::Kept gru;
    nn::Matrix after;
    nn::Dense::Kept out;
  };

  float dropout_;
  nn::Gru gru_;
  nn::Dense out_;
};

}  // namespace

std::unique_ptr<SequenceNet> Gru4Rec::make_net(const Params& params, std::size_t dim, std::size_t,
                                               Random& random) const {
  return std::make_unique<Gru4RecNet>(dim, static_cast<float>(params.at("dropout")), random);
}

}  // namespace zhiyin
