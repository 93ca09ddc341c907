#include "understand/embed/clip_net.h"

#include <fmt/format.h>

#include "base/nn/activations.h"
#include "base/nn/pooling.h"

namespace zhiyin {
namespace {

constexpr std::size_t kHeads = 4;
constexpr std::size_t kShrink = 8;  // three strides of 2
constexpr std::array<std::size_t, 3> kChannels = {16, 32, 64};

// The last grid's lines of pixels, one sequence each.
nn::Sequences lines(const nn::Grid& grid) { return {grid.batch * grid.height, grid.width}; }

}  // namespace

ClipNet::ClipNet(PictureShape shape, Random& random)
    : shape_(shape),
      stages_{nn::Conv2d(3, shape.channels, kChannels[0], 2, random),
              nn::Conv2d(3, kChannels[0], kChannels[1], 2, random),
              nn::Conv2d(3, kChannels[1], kChannels[2], 2, random)},
      dense_(shape.height / kShrink * kChannels[2], kDim, random),
      norm_(kDim),
      attention_(kDim, kHeads, nn::Sight::kAll, random) {
  assert(shape.height % kShrink == 0 && shape.width % kShrink == 0);
}

nn::Matrix ClipNet::embed(ClipBatch clips, Kept* keep) const {
  nn::Grid grid{clips.steps.batch * clips.steps.time, shape_.height, shape_.width};
  assert(clips.pixels.rows() == grid.rows() && clips.pixels.columns() == shape_.channels);
  auto x = std::move(clips.pixels);
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    auto* kept = keep == nullptr ? nullptr : &keep->stages[s];
    x = nn::relu(stages_[s].forward(std::move(x), grid, kept == nullptr ? nullptr : &kept->conv));
    if (kept != nullptr) kept->out = x;
    grid = stages_[s].output(grid);
  }
  // The lines of one picture stand one after the other, so they are one row of the dense layer's input as they are.
  auto pooled = nn::mean_pool(x, lines(grid));
  nn::Matrix flat(grid.batch, grid.height * kChannels[2], std::move(pooled.values()));
  auto looks = nn::relu(dense_.forward(std::move(flat), keep == nullptr ? nullptr : &keep->dense));
  auto mixed = attention_.forward(norm_.forward(looks, keep == nullptr ? nullptr : &keep->norm), clips.steps,
                                  keep == nullptr ? nullptr : &keep->attention);
  mixed += looks;
  auto vectors = nn::mean_pool(mixed, clips.steps);
  if (keep != nullptr) {
    keep->looks = std::move(looks);
    keep->steps = std::move(clips.steps);
  }
  return vectors;
}

void ClipNet::backward(const nn::Matrix& dy, const Kept& kept) {
  auto d_looks = nn::mean_pool_backward(dy, kept.steps);
  d_looks += norm_.backward(attention_.backward(d_looks, kept.attention), kept.norm);
  auto d_flat = dense_.backward(nn::relu_backward(std::move(d_looks), kept.looks), kept.dense);
  const auto grid = stages_.back().output(kept.stages.back().conv.grid);
  nn::Matrix d_pooled(grid.batch * grid.height, kChannels[2], std::move(d_flat.values()));
  auto dx = nn::mean_pool_backward(d_pooled, lines(grid));
  for (std::size_t s = stages_.size(); s-- > 0;) {
    dx = stages_[s].backward(nn::relu_backward(std::move(dx), kept.stages[s].out), kept.stages[s].conv);
  }
}

void ClipNet::enumerate(const std::string& name, nn::Parameters& all) {
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    stages_[s].enumerate(fmt::format("{}.conv{}", name, s), all);
  }
  dense_.enumerate(name + ".dense", all);
  norm_.enumerate(name + ".norm", all);
  attention_.enumerate(name + ".attention", all);
}

}  // namespace zhiyin
