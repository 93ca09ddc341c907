#include "learn/eval/understanding_fused.h"

#include <algorithm>

#include "base/random.h"
#include "learn/train_fusion.h"

namespace zhiyin {
namespace {

// What lies over the base line.
enum class Learned { kNo, kYes, kUnmasked };

class FusedJudge {
 public:
  FusedJudge(const std::vector<Subject>& items, OwnRows& rows) : items_(items), rows_(rows) {}

  Result<void> judge() {
    std::vector<Modalities> all;
    for (const auto& item : items_) all.push_back(item.modalities);
    const auto fused = fuse(all, Learned::kNo);
    const auto whole = ask(fused, "fused");
    const auto learned = ask(fuse(all, Learned::kYes), "learned");
    for (const auto& [name, modality] :
         {std::pair{"text", Modality::kText}, {"picture", Modality::kVision}, {"sound", Modality::kSound}}) {
      compare(std::string("fused_over_") + name, whole, ask(fuse(only(all, modality), Learned::kNo), name));
    }
    compare("fused_over_concat", whole, concatenated(all));
    compare("learned_over_fused", learned, whole);
    compare("learned_over_unmasked", learned, ask(fuse(all, Learned::kUnmasked), "learned_unmasked"));
    const auto fewer = dropped(all);
    ask(fuse(fewer, Learned::kNo), "fused_dropped");
    ask(fuse(fewer, Learned::kYes), "learned_dropped");
    ask(fuse(fewer, Learned::kUnmasked), "learned_unmasked_dropped");
    return with_own(std::move(all), fused, whole);
  }

 private:
  // The own nets as two more encoders: as they begin, as they are after the items' sounds and pictures have taught them
  // together, and after behaviour towards half of the items has.
  Result<void> with_own(std::vector<Modalities> all, const LabelledVectors& without, const std::vector<double>& whole) {
    ZY_TRY(const auto touched, touched_clips(items_, rows_.seed()));
    OwnNets nets(rows_.seed());
    const auto fuse_with = [&] {
      for (std::size_t i = 0; i < items_.size(); ++i) {
        std::erase_if(all[i], [](const auto& v) { return v.encoder == kOwnSound || v.encoder == kOwnPictures; });
        const auto& [sound, pictures, behaviour] = items_[i].clip;
        if (!sound.levels.empty()) all[i].push_back({std::string(kOwnSound), 1, nets.hear(sound)});
        if (!pictures.frames.empty()) all[i].push_back({std::string(kOwnPictures), 1, nets.see(pictures)});
      }
      return fuse(all, Learned::kNo);
    };
    ask(fuse_with(), "fused_own_scratch");
    rows_.train(nets, clips_of(items_), "own nets");
    const auto pretrained = fuse_with();
    compare("fused_own_over_fused", ask(pretrained, "fused_own"), whole);
    rows_.train(nets, touched, "own nets, fine-tuned");
    const auto half = ask_half(without, "fused_half");
    const auto half_pretrained = ask_half(pretrained, "fused_own_half");
    const auto finetuned = ask_half(fuse_with(), "fused_own_finetuned");
    compare("fused_own_finetuned_over_fused_half", finetuned, half);
    compare("fused_own_finetuned_over_fused_own_half", finetuned, half_pretrained);
    return {};
  }

  [[nodiscard]] LabelledVectors fuse(const std::vector<Modalities>& modalities, Learned how) const {
    auto fusion = FusionModel::fit(modalities);
    if (how != Learned::kNo) {
      ItemFeatures blocks{fusion.dim(), {}};
      for (const auto& item : modalities) {
        const auto row = fusion.base_line(item);
        blocks.rows.insert(blocks.rows.end(), row.begin(), row.end());
      }
      FusionTraining training{.epochs = 200, .seed = rows_.seed()};
      if (how == Learned::kUnmasked) training.masked = 0;
      fusion.learn(train_fusion(fusion.places(), blocks, nullptr, training));
    }
    LabelledVectors vectors{{}, labels_of(items_), true};
    for (const auto& item : modalities) vectors.vectors.push_back(fusion.fuse(item));
    return vectors;
  }

  std::vector<double> concatenated(const std::vector<Modalities>& modalities) {
    const auto layout = FusionModel::fit(modalities);
    LabelledVectors vectors{{}, labels_of(items_)};
    for (const auto& item : modalities) {
      auto& row = vectors.vectors.emplace_back(layout.dim(), 0.0F);
      for (const auto& block : layout.blocks()) {
        const auto found = std::ranges::find_if(
            item, [&](const auto& v) { return v.encoder == block.encoder && v.values.size() == block.dim; });
        if (found != item.end())
          std::ranges::copy(found->values, row.begin() + static_cast<std::ptrdiff_t>(block.offset));
      }
    }
    return rows_.put("tuxpaint", "concat", "tuxpaint.concat_nn1", leave_one_out(vectors));
  }

  static std::vector<Modalities> only(std::vector<Modalities> items, Modality modality) {
    for (auto& item : items)
      std::erase_if(item, [&](const ModalityVector& vector) { return modality_of(vector.encoder) != modality; });
    return items;
  }

  [[nodiscard]] std::vector<Modalities> dropped(std::vector<Modalities> items) const {
    Random random(rows_.seed(), 5);
    for (auto& item : items) {
      std::vector<Modality> has;
      for (const auto modality : {Modality::kText, Modality::kSound, Modality::kVision}) {
        if (std::ranges::any_of(item, [&](const auto& vector) { return modality_of(vector.encoder) == modality; }))
          has.push_back(modality);
      }
      if (has.size() < 2) continue;
      const auto gone = has[random.below(static_cast<std::uint32_t>(has.size()))];
      std::erase_if(item, [&](const auto& vector) { return modality_of(vector.encoder) == gone; });
    }
    return items;
  }

  std::vector<double> ask(const LabelledVectors& vectors, const std::string& name) {
    return rows_.put("tuxpaint", name, "tuxpaint." + name + "_nn1", leave_one_out(vectors));
  }
  std::vector<double> ask_half(const LabelledVectors& vectors, const std::string& name) {
    return rows_.put("tuxpaint_half", name, "tuxpaint." + name + "_nn1", leave_one_out(vectors, asked_half(items_)));
  }
  void compare(const std::string& name, const std::vector<double>& a, const std::vector<double>& b) {
    rows_.compare("tuxpaint." + name, a, b);
  }

  const std::vector<Subject>& items_;
  OwnRows& rows_;
};

}  // namespace

Result<void> add_fused_rows(const std::vector<Subject>& items, OwnRows& rows) {
  return FusedJudge(items, rows).judge();
}

}  // namespace zhiyin
