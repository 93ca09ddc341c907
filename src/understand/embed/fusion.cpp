#include "understand/embed/fusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "base/json.h"
#include "base/kernels/vectors.h"
#include "understand/embed/agreement.h"

namespace zhiyin {
namespace {

// Sparse or constant dimensions would be blown up by their tiny deviation: it counts as at least this share of the
// block's typical one.
constexpr double kLeastDeviation = 0.2;

// Items by which encoders are weighed, spread over the catalogue: each takes about 10 kB while it is looked at.
constexpr std::size_t kMostWeighed = 3000;

// Whether a vector says anything: zeros are an encoder's way to say nothing, and a number that is none says nothing.
bool speaks(const ModalityVector& vector) {
  return std::ranges::all_of(vector.values, [](float x) { return std::isfinite(x); }) &&
         std::ranges::any_of(vector.values, [](float x) { return x != 0; });
}

const ModalityVector* find(std::span<const ModalityVector> modalities, const FusionModel::Block& block) {
  const auto found = std::ranges::find_if(modalities, [&](const ModalityVector& vector) {
    return vector.encoder == block.encoder && vector.version == block.version && vector.values.size() == block.dim;
  });
  return found == modalities.end() || !speaks(*found) ? nullptr : &*found;
}

// The blocks that the catalogue's vectors make: of every encoder the version and size that most items have.
std::vector<FusionModel::Block> blocks_of(std::span<const std::vector<ModalityVector>> items) {
  std::map<std::string, std::map<std::pair<int, std::size_t>, std::size_t>> seen;
  for (const auto& modalities : items) {
    for (const auto& vector : modalities) {
      if (speaks(vector)) ++seen[vector.encoder][{vector.version, vector.values.size()}];
    }
  }
  std::vector<FusionModel::Block> blocks;
  std::size_t offset = 0;
  for (const auto& [encoder, kinds] : seen) {
    const auto most = std::ranges::max_element(kinds, {}, [](const auto& kind) { return kind.second; });
    const auto [version, dim] = most->first;
    blocks.push_back({encoder, version, offset, dim});
    offset += dim;
  }
  return blocks;
}

}  // namespace

float prior_weight(std::string_view encoder) { return encoder == "text.hash" ? 0.5F : 1.0F; }

FusionModel FusionModel::fit(std::span<const std::vector<ModalityVector>> items) {
  FusionModel model;
  model.blocks_ = blocks_of(items);
  const std::size_t dim = model.blocks_.empty() ? 0 : model.blocks_.back().offset + model.blocks_.back().dim;
  model.mean_.assign(dim, 0);
  model.inverse_deviation_.assign(dim, 0);
  for (const auto& block : model.blocks_) {
    std::vector<double> sum(block.dim, 0);
    std::vector<double> square(block.dim, 0);
    double count = 0;
    for (const auto& modalities : items) {
      const auto* vector = find(modalities, block);
      if (vector == nullptr) continue;
      ++count;
      for (std::size_t d = 0; d < block.dim; ++d) {
        sum[d] += vector->values[d];
        square[d] += double{vector->values[d]} * vector->values[d];
      }
    }
    // A single vector has neither mean nor deviation to be measured by: it is kept as it is.
    if (count == 1) {
      std::fill_n(model.inverse_deviation_.begin() + static_cast<std::ptrdiff_t>(block.offset), block.dim, 1.0F);
      continue;
    }
    std::vector<double> deviation(block.dim);
    double typical = 0;
    for (std::size_t d = 0; d < block.dim; ++d) {
      const double mean = sum[d] / count;
      const double variance = std::max(square[d] / count - mean * mean, 0.0);
      model.mean_[block.offset + d] = static_cast<float>(mean);
      deviation[d] = std::sqrt(variance);
      typical += variance / static_cast<double>(block.dim);
    }
    typical = std::sqrt(typical);
    for (std::size_t d = 0; d < block.dim; ++d) {
      if (deviation[d] <= 1e-6 * typical || typical == 0) continue;
      model.inverse_deviation_[block.offset + d] =
          static_cast<float>(1 / std::max(deviation[d], kLeastDeviation * typical));
    }
  }
  model.weigh(items);
  return model;
}

void FusionModel::weigh(std::span<const std::vector<ModalityVector>> items) {
  std::vector<float> rows;
  const auto count = std::min(items.size(), kMostWeighed);
  for (std::size_t k = 0; k < count; ++k) {
    const auto row = base_line(items[k * items.size() / count]);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  std::vector<Opinion> opinions;
  for (const auto& [encoder, version, offset, dim, weight] : blocks_)
    opinions.push_back({modality_of(encoder), offset, dim, prior_weight(encoder) * kPriorTrust});
  const auto found = agreement(rows, mean_.size(), opinions);
  for (std::size_t b = 0; b < found.size(); ++b) blocks_[b].weight = found[b].weight;
}

std::vector<float> FusionModel::fuse(std::span<const ModalityVector> modalities) const {
  auto fused = base_line(modalities);
  return learned_ ? learned_->fuse(fused) : fused;
}

std::vector<BlockPlace> FusionModel::places() const {
  std::vector<BlockPlace> places;
  for (const auto& block : blocks_) places.push_back({block.offset, block.dim});
  return places;
}

std::vector<float> FusionModel::base_line(std::span<const ModalityVector> modalities) const {
  std::vector<float> fused(mean_.size(), 0);
  double present = 0;  // the sum of the weights of the blocks that are there: the squared length so far
  for (const auto& block : blocks_) {
    const auto* vector = find(modalities, block);
    if (vector == nullptr) continue;
    const auto out = std::span(fused).subspan(block.offset, block.dim);
    double squares = 0;
    for (std::size_t d = 0; d < block.dim; ++d) {
      out[d] = (vector->values[d] - mean_[block.offset + d]) * inverse_deviation_[block.offset + d];
      squares += double{out[d]} * out[d];
    }
    if (squares == 0 || !std::isfinite(squares)) {  // the mean itself; or numbers too large for a float's square
      std::ranges::fill(out, 0.0F);
      continue;
    }
    const auto scale = static_cast<float>(std::sqrt(block.weight / squares));
    for (auto& value : out) value *= scale;
    present += block.weight;
  }
  if (present > 0) {
    const auto scale = static_cast<float>(1 / std::sqrt(present));
    for (auto& value : fused) value *= scale;
  }
  return fused;
}

std::vector<FusionShare> FusionModel::shares(std::span<const ModalityVector> modalities) const {
  const auto fused = base_line(modalities);
  std::vector<float> learned;
  if (learned_) static_cast<void>(learned_->fuse(fused, &learned));
  std::vector<FusionShare> shares;
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const auto part = std::span(fused).subspan(blocks_[b].offset, blocks_[b].dim);
    shares.push_back({blocks_[b].encoder, learned_ ? learned[b] : dot(part, part)});
  }
  return shares;
}

void FusionModel::save(Tensors& tensors) const {
  tensors.put("mean", Tensor::from<float>({mean_.size()}, mean_));
  tensors.put("inverse_deviation", Tensor::from<float>({inverse_deviation_.size()}, inverse_deviation_));
  auto blocks = Json::array();
  for (const auto& block : blocks_) {
    blocks.push(Json::object(
        {{"encoder", block.encoder}, {"version", block.version}, {"dim", block.dim}, {"weight", block.weight}}));
  }
  tensors.metadata["blocks"] = blocks.dump();
  if (!learned_) return;
  nn::Parameters all;
  learned_->enumerate("learned", all);
  nn::save(all, "", tensors);
  tensors.metadata["learned"] = "attention";
}

Result<FusionModel> FusionModel::load(const Tensors& tensors) {
  constexpr std::array<std::size_t, 1> kAny = {0};
  FusionModel model;
  ZY_TRY(const auto mean, tensors.get("mean", DType::kF32, kAny));
  ZY_TRY(const auto inverse, tensors.get("inverse_deviation", DType::kF32, kAny));
  const auto means = mean.as<float>();
  const auto inverses = inverse.as<float>();
  model.mean_.assign(means.begin(), means.end());
  model.inverse_deviation_.assign(inverses.begin(), inverses.end());
  const auto text = tensors.metadata.find("blocks");
  if (text == tensors.metadata.end()) return corrupt("fusion: the list of blocks is missing");
  ZY_TRY(const auto blocks, Json::parse(text->second).in("fusion: blocks"));
  std::size_t offset = 0;
  for (const auto& block : blocks.elements()) {
    const auto dim = static_cast<std::size_t>(std::max<std::int64_t>(block["dim"].as_integer(), 0));
    model.blocks_.push_back({std::string(block["encoder"].as_string()), static_cast<int>(block["version"].as_integer()),
                             offset, dim, static_cast<float>(block["weight"].as_number(1))});
    offset += dim;
  }
  if (offset != model.mean_.size() || offset != model.inverse_deviation_.size())
    return corrupt("fusion: the blocks do not fit the vectors");
  if (const auto learned = tensors.metadata.find("learned"); learned != tensors.metadata.end()) {
    if (learned->second != "attention")
      return corrupt(fmt::format("fusion: \"{}\" is none that this version knows", learned->second));
    Random random(0);
    model.learned_ = std::make_shared<AttentionFusion>(model.places(), random);
    nn::Parameters all;
    model.learned_->enumerate("learned", all);
    ZY_CHECK_OK(nn::load(all, "", tensors).in("fusion"));
  }
  return model;
}

}  // namespace zhiyin
