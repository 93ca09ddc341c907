#include "learn/eval/understanding_vision.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "understand/embed/fusion.h"
#include "understand/embed/vision/centernet.h"
#include "understand/embed/vision/nanodet.h"
#include "understand/embed/vision/object_sense.h"
#include "understand/embed/vision/picture_features.h"
#include "understand/embed/vision/shot_statistics.h"
#include "understand/embed/vision/vision_senses.h"

namespace zhiyin {
namespace {

constexpr std::string_view kLookName = "vision.centernet.look";  // the second vector of the same sense
constexpr int kKinds = static_cast<int>(kCocoNames.size());

// The encoders of what is seen, and how many numbers each gives.
struct KnownEncoder {
  std::string_view name;
  int count;
};
constexpr KnownEncoder kKnown[] = {{kPictureEncoder, kPictureFeatures},
                                   {CenterNet::kName, 2 * kKinds},
                                   {kLookName, static_cast<int>(CenterNet::kLook)},
                                   {NanoDet::kName, 2 * kKinds},
                                   {ShotSense::kName, kShotStatistics}};

std::vector<ModalityVector> modality(const std::vector<float>& vector, const SeenBlock& block) {
  const auto begin = vector.begin() + block.first;
  std::vector<float> values(begin, begin + block.count);
  if (std::ranges::all_of(values, [](float value) { return value == 0; })) return {};
  return {{block.encoder, 1, std::move(values)}};
}

LabelledVectors fuse(const LabelledVectors& clips, std::span<const SeenBlock> blocks) {
  std::vector<std::vector<ModalityVector>> items;
  for (const auto& vector : clips.vectors) {
    auto& item = items.emplace_back();
    for (const auto& block : blocks) {
      for (auto& one : modality(vector, block)) item.push_back(std::move(one));
    }
  }
  const auto fusion = FusionModel::fit(items);
  auto out = clips;
  out.ready = true;
  for (std::size_t i = 0; i < items.size(); ++i) out.vectors[i] = fusion.fuse(items[i]);
  return out;
}

}  // namespace

Seer::Seer(const std::filesystem::path& cache) {
  Senses all;
  open_vision_senses(cache, all);
  if (auto model = NanoDet::open(cache / NanoDet::kFolder); model.ok()) {
    all.push_back(
        std::make_unique<ObjectSense>(std::string(NanoDet::kName), NanoDet::kVersion, std::move(model).value()));
  } else {
    log_warning("{} is not compared: {}", NanoDet::kName, model.error().message);
  }
  int first = 0;
  for (const auto& known : kKnown) {
    const bool second = known.name == kLookName;
    const auto sense =
        std::ranges::find_if(all, [&](const auto& one) { return one != nullptr && one->name() == known.name; });
    if (second ? blocks_.back().encoder != CenterNet::kName : sense == all.end()) continue;
    if (!second) senses_.push_back(std::move(*sense));
    blocks_.push_back({std::string(known.name), first, known.count});
    first += known.count;
  }
}

Result<std::vector<float>> Seer::describe(const Decoded& decoded) const {
  if (decoded.frames.empty()) return invalid("no picture");
  Perception found;
  for (const auto& sense : senses_) ZY_CHECK_OK(sense->perceive(decoded, found).in(sense->name()));
  std::vector<float> vector(static_cast<std::size_t>(blocks_.back().first + blocks_.back().count), 0.0F);
  for (const auto& block : blocks_) {
    const auto given = std::ranges::find(found.vectors, block.encoder, &StoredVector::encoder);
    if (given == found.vectors.end()) continue;
    if (static_cast<int>(given->values.size()) != block.count) {
      return internal(fmt::format("{} gives {} numbers, not {}", block.encoder, given->values.size(), block.count));
    }
    std::ranges::copy(given->values, vector.begin() + block.first);
  }
  return vector;
}

std::vector<FeatureBlock> Seer::blocks() const {
  std::vector<FeatureBlock> blocks;
  for (const auto& block : blocks_) {
    if (block.encoder != NanoDet::kName) blocks.push_back({block.encoder, block.first, block.count});
  }
  return blocks;
}

std::vector<SeenPart> Seer::parts(const LabelledVectors& clips) const {
  std::vector<SeenPart> parts;
  const auto add = [&](const SeenBlock& block, std::string model, std::string result, int from, int count) {
    parts.push_back({std::move(model), std::move(result), {block.encoder, block.first + from, count}});
  };
  for (const auto& block : blocks_) {
    if (block.encoder == kPictureEncoder) {
      add(block, "histogram", "hist", kPictureBlocks[0].first, kPictureBlocks[0].count);
      add(block, block.encoder, "classic", 0, block.count);
    } else if (block.encoder == CenterNet::kName) {
      add(block, block.encoder, "tags", 0, block.count);
    } else if (block.encoder == kLookName) {
      add(block, block.encoder, "look", 0, block.count);
    } else if (block.encoder == NanoDet::kName) {
      add(block, block.encoder, "nanodet", 0, block.count);
    } else {
      add(block, block.encoder, "shots", 0, block.count);
    }
  }
  std::erase_if(parts, [&](const SeenPart& part) {
    return std::ranges::all_of(clips.vectors, [&](const auto& vector) { return modality(vector, part.block).empty(); });
  });
  return parts;
}

LabelledVectors Seer::only(const LabelledVectors& clips, const SeenPart& part) const {
  const auto& block = part.block;
  // Histograms and their like are dense: plain z-scores, as for sounds.
  return block.encoder == kPictureEncoder ? sliced(clips, block.first, block.count) : fuse(clips, {&block, 1});
}

LabelledVectors Seer::fused(const LabelledVectors& clips) const {
  auto blocks = blocks_;
  std::erase_if(blocks, [](const SeenBlock& block) { return block.encoder == NanoDet::kName; });  // not a default sense
  return fuse(clips, blocks);
}

}  // namespace zhiyin
