#include "learn/eval/understanding_sound.h"

#include <algorithm>
#include <cmath>

#include "understand/embed/fusion.h"
#include "understand/embed/senses.h"

namespace zhiyin {
namespace {

std::span<const float> part(const std::vector<float>& heard, const FeatureBlock& block) {
  return std::span(heard).subspan(static_cast<std::size_t>(block.first), static_cast<std::size_t>(block.count));
}

}  // namespace

Result<std::vector<float>> heard_vector(const Senses& senses, const Decoded& decoded) {
  const auto found = perceive(senses, decoded);
  for (const auto& run : found.runs) {
    if (!run.problem.empty()) return internal(run.encoder + ": " + run.problem);
  }
  std::vector<float> heard(static_cast<std::size_t>(kHeardBlocks.back().first + kHeardBlocks.back().count),
                           std::numeric_limits<float>::quiet_NaN());
  for (const auto& block : kHeardBlocks) {
    const auto vector = std::ranges::find(found.vectors, block.name, &StoredVector::encoder);
    if (vector == found.vectors.end()) continue;
    if (vector->values.size() != static_cast<std::size_t>(block.count))
      return internal(vector->encoder + ": a vector of another length");
    std::ranges::copy(vector->values, heard.begin() + block.first);
  }
  return heard;
}

LabelledVectors alone(const LabelledVectors& heard, const FeatureBlock& block) {
  LabelledVectors out;
  for (std::size_t i = 0; i < heard.vectors.size(); ++i) {
    const auto values = part(heard.vectors[i], block);
    if (std::isnan(values.front())) continue;
    out.vectors.emplace_back(values.begin(), values.end());
    out.labels.push_back(heard.labels[i]);
    if (!heard.groups.empty()) out.groups.push_back(heard.groups[i]);
  }
  return out;
}

LabelledVectors fused(const LabelledVectors& heard) {
  std::vector<std::vector<ModalityVector>> items;
  for (const auto& clip : heard.vectors) {
    auto& modalities = items.emplace_back();
    for (const auto& block : kHeardBlocks) {
      const auto values = part(clip, block);
      if (!std::isnan(values.front()))
        modalities.push_back({std::string(block.name), 1, {values.begin(), values.end()}});
    }
  }
  const auto model = FusionModel::fit(items);
  auto out = heard;
  out.ready = true;
  for (std::size_t i = 0; i < items.size(); ++i) out.vectors[i] = model.fuse(items[i]);
  return out;
}

}  // namespace zhiyin
