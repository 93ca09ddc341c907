#include "learn/masked_patches.h"

#include <algorithm>

#include "base/nn/activations.h"

namespace zhiyin {
namespace {

nn::Matrix side_by_side(const nn::Matrix& a, const nn::Matrix& b) {
  nn::Matrix both(a.rows(), a.columns() + b.columns());
  for (std::size_t r = 0; r < a.rows(); ++r) {
    std::ranges::copy(a.row(r), both.row(r).begin());
    std::ranges::copy(b.row(r), both.row(r).subspan(a.columns()).begin());
  }
  return both;
}

nn::Matrix columns(const nn::Matrix& x, std::size_t first, std::size_t count) {
  nn::Matrix part(x.rows(), count);
  for (std::size_t r = 0; r < x.rows(); ++r) std::ranges::copy(x.row(r).subspan(first, count), part.row(r).begin());
  return part;
}

}  // namespace

MaskedPatches::MaskedPatches(PictureShape shape, Random& random)
    : shape_(shape),
      lines_(shape.height / kSquare),
      columns_(shape.width / kSquare),
      first_(2 * ClipNet::kDim, ClipNet::kDim, random),
      second_(ClipNet::kDim, lines_ * columns_ * shape.channels, random) {}

nn::Matrix MaskedPatches::means(const nn::Matrix& pixels, std::size_t pictures) const {
  nn::Matrix out(pictures, squares() * shape_.channels);
  constexpr float kShare = 1.0F / (kSquare * kSquare);
  for (std::size_t i = 0; i < pixels.rows(); ++i) {
    const auto x = i % shape_.width;
    const auto y = i / shape_.width % shape_.height;
    const auto square = y / kSquare * columns_ + x / kSquare;
    const auto to = out.row(i / (shape_.width * shape_.height)).subspan(square * shape_.channels);
    for (std::size_t c = 0; c < shape_.channels; ++c) to[c] += kShare * pixels.row(i)[c];
  }
  return out;
}

void MaskedPatches::hide(MaskedPictures& pictures) const {
  for (std::size_t i = 0; i < pictures.pixels.rows(); ++i) {
    const auto x = i % shape_.width;
    const auto y = i / shape_.width % shape_.height;
    const auto picture = i / (shape_.width * shape_.height);
    if (pictures.hidden[picture * squares() + y / kSquare * columns_ + x / kSquare] != 0)
      std::ranges::fill(pictures.pixels.row(i), 0.0F);
  }
}

double MaskedPatches::loss(const ClipNet& net, MaskedPictures pictures, Kept* keep) const {
  const auto count = pictures.beside.rows();
  assert(pictures.hidden.size() == count * squares());
  const auto targets = means(pictures.pixels, count);
  hide(pictures);
  const auto vectors = net.embed({std::move(pictures.pixels), {count, 1}}, keep == nullptr ? nullptr : &keep->net);
  auto inner =
      nn::relu(first_.forward(side_by_side(vectors, pictures.beside), keep == nullptr ? nullptr : &keep->first));
  const auto told = second_.forward(inner, keep == nullptr ? nullptr : &keep->second);

  nn::Matrix gradient(told.rows(), told.columns());
  double missed = 0;
  double varies = 0;
  for (std::size_t c = 0; c < shape_.channels; ++c) {
    double sum = 0;
    double squared = 0;
    double asked = 0;
    for (std::size_t k = 0; k < pictures.hidden.size(); ++k) {
      if (pictures.hidden[k] == 0) continue;
      const double target = targets.values()[k * shape_.channels + c];
      const double miss = told.values()[k * shape_.channels + c] - target;
      gradient.values()[k * shape_.channels + c] = static_cast<float>(2 * miss);
      missed += miss * miss;
      sum += target;
      squared += target * target;
      ++asked;
    }
    if (asked > 0) varies += squared - sum * sum / asked;
  }
  const double scale = varies > 1e-6 ? 1 / varies : 0;
  for (auto& g : gradient.values()) g *= static_cast<float>(scale);
  if (keep != nullptr) {
    keep->inner = std::move(inner);
    keep->gradient = std::move(gradient);
  }
  return missed * scale;
}

nn::Matrix MaskedPatches::backward(ClipNet& net, float weight, Kept kept) {
  for (auto& g : kept.gradient.values()) g *= weight;
  const auto d_inner = second_.backward(kept.gradient, kept.second);
  const auto d_both = first_.backward(nn::relu_backward(d_inner, kept.inner), kept.first);
  net.backward(columns(d_both, 0, ClipNet::kDim), kept.net);
  return columns(d_both, ClipNet::kDim, ClipNet::kDim);
}

void MaskedPatches::enumerate(const std::string& name, nn::Parameters& all) {
  first_.enumerate(name + ".first", all);
  second_.enumerate(name + ".second", all);
}

}  // namespace zhiyin
