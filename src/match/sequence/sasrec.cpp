#include "match/sequence/sasrec.h"

#include <fmt/format.h>

#include "base/nn/activations.h"
#include "base/nn/attention.h"
#include "base/nn/layer_norm.h"

namespace zhiyin {
namespace {

struct Block {
  nn::LayerNorm before_attention;
  nn::Attention attention;
  nn::LayerNorm before_dense;
  nn::Dense widen;
  nn::Dense narrow;

  Block(std::size_t dim, std::size_t heads, Random& random)
      : before_attention(dim),
        attention(dim, heads, nn::Sight::kCausal, random),
        before_dense(dim),
        widen(dim, dim, random),
        narrow(dim, dim, random) {}
};

struct BlockKept {
  nn::LayerNorm::Kept before_attention;
  nn::Attention::Kept attention;
  nn::Matrix attention_mask;
  nn::LayerNorm::Kept before_dense;
  nn::Dense::Kept widen;
  nn::Matrix bent;
  nn::Dense::Kept narrow;
  nn::Matrix dense_mask;
};

class SasRecNet final : public SequenceNet {
 public:
  SasRecNet(std::size_t dim, std::size_t length, std::size_t blocks, std::size_t heads, float dropout, Random& random)
      : dropout_(dropout), positions_(length, dim, 0.02F, random), norm_(dim) {
    for (std::size_t b = 0; b < blocks; ++b) blocks_.emplace_back(dim, heads, random);
  }

  nn::Matrix forward(nn::Matrix x, const nn::Sequences& shape, Random* random,
                     std::unique_ptr<Kept>* kept) const override {
    auto own = std::make_unique<NetKept>();
    own->shape = shape;
    own->positions = positions(shape);
    x += positions_.forward(own->positions);
    x = dropped(std::move(x), random, own->mask);
    for (const auto& block : blocks_) {
      auto& k = own->blocks.emplace_back();
      auto seen = block.attention.forward(block.before_attention.forward(x, &k.before_attention), shape, &k.attention);
      x += dropped(std::move(seen), random, k.attention_mask);
      k.bent = nn::relu(block.widen.forward(block.before_dense.forward(x, &k.before_dense), &k.widen));
      x += dropped(block.narrow.forward(k.bent, &k.narrow), random, k.dense_mask);
    }
    auto states = norm_.forward(std::move(x), &own->norm);
    if (kept != nullptr) *kept = std::move(own);
    return states;
  }

  nn::Matrix backward(nn::Matrix dy, const Kept& kept) override {
    const auto& own = dynamic_cast<const NetKept&>(kept);
    auto dx = norm_.backward(dy, own.norm);
    for (auto b = blocks_.size(); b-- > 0;) {
      auto& block = blocks_[b];
      const auto& k = own.blocks[b];
      auto bent = block.narrow.backward(nn::dropout_backward(dx, k.dense_mask), k.narrow);
      dx += block.before_dense.backward(block.widen.backward(nn::relu_backward(std::move(bent), k.bent), k.widen),
                                        k.before_dense);
      dx += block.before_attention.backward(
          block.attention.backward(nn::dropout_backward(dx, k.attention_mask), k.attention), k.before_attention);
    }
    dx = nn::dropout_backward(std::move(dx), own.mask);
    positions_.backward(dx, own.positions);
    return dx;
  }

  void enumerate(nn::Parameters& all) override {
    positions_.enumerate("positions", all);
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      const auto name = fmt::format("block{}.", b);
      blocks_[b].before_attention.enumerate(name + "before_attention", all);
      blocks_[b].attention.enumerate(name + "attention", all);
      blocks_[b].before_dense.enumerate(name + "before_dense", all);
      blocks_[b].widen.enumerate(name + "widen", all);
      blocks_[b].narrow.enumerate(name + "narrow", all);
    }
    norm_.enumerate("norm", all);
  }

 private:
  struct NetKept final : Kept {
    nn::Sequences shape;
    std::vector<std::uint32_t> positions;
    nn::Matrix mask;
    std::vector<BlockKept> blocks;
    nn::LayerNorm::Kept norm;
  };

  // A mask of ones where nothing is dropped would be multiplied for nothing: without `random` there is none.
  nn::Matrix dropped(nn::Matrix x, Random* random, nn::Matrix& mask) const {
    return random == nullptr ? x : nn::dropout(std::move(x), dropout_, *random, mask);
  }

  // 0 for the newest; sequences are padded in front.
  static std::vector<std::uint32_t> positions(const nn::Sequences& shape) {
    std::vector<std::uint32_t> all(shape.batch * shape.time);
    for (std::size_t r = 0; r < all.size(); ++r) all[r] = static_cast<std::uint32_t>(shape.time - 1 - r % shape.time);
    return all;
  }

  float dropout_;
  nn::Embedding positions_;
  std::vector<Block> blocks_;
  nn::LayerNorm norm_;
};

}  // namespace

std::unique_ptr<SequenceNet> SasRec::make_net(const Params& params, std::size_t dim, std::size_t length,
                                              Random& random) const {
  const auto heads = std::max<std::size_t>(1, static_cast<std::size_t>(params.at("heads")));
  return std::make_unique<SasRecNet>(dim, length, static_cast<std::size_t>(params.at("blocks")),
                                     dim % heads == 0 ? heads : 1, static_cast<float>(params.at("dropout")), random);
}

}  // namespace zhiyin
