// One modality in the training of the own nets (learn/clip_training.h, which says what is asked): its net, the
// projections in which the questions are asked, and what one batch leaves between forward and backward.
//
// One thread.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "base/nn/activations.h"
#include "base/nn/losses.h"
#include "learn/clip_training.h"
#include "learn/clip_views.h"
#include "learn/masked_patches.h"

namespace zhiyin {

inline constexpr std::size_t kMeetingDim = 64;

// unit(relu(x A) B)
class ClipProjection {
 public:
  struct Kept {
    nn::Dense::Kept first;
    nn::Dense::Kept second;
    nn::Matrix hidden;
    nn::Matrix before;
    nn::Matrix after;
  };

  ClipProjection(std::size_t outputs, Random& random)
      : first_(ClipNet::kDim, ClipNet::kDim, random), second_(ClipNet::kDim, outputs, random) {}

  nn::Matrix forward(const nn::Matrix& x, Kept& keep) const {
    keep.hidden = nn::relu(first_.forward(x, &keep.first));
    keep.before = second_.forward(keep.hidden, &keep.second);
    keep.after = nn::unit_rows(keep.before);
    return keep.after;
  }
  nn::Matrix backward(const nn::Matrix& dy, const Kept& kept) {
    const auto d_hidden = second_.backward(nn::unit_rows_backward(dy, kept.before, kept.after), kept.second);
    return first_.backward(nn::relu_backward(d_hidden, kept.hidden), kept.first);
  }
  void enumerate(const std::string& name, nn::Parameters& all) {
    first_.enumerate(name + ".first", all);
    second_.enumerate(name + ".second", all);
  }

 private:
  nn::Dense first_;
  nn::Dense second_;
};

inline bool empty(const MelStrip& strip) { return strip.levels.empty(); }
inline bool empty(const FrameStrip& strip) { return strip.frames.empty(); }

// One modality at one step: the files of the batch that have it, their two views, and what is asked of them. Each
// question adds its gradient to the views'; learn() takes them through the net.
template <typename Strip, Strip Clip::*kPart>
class ClipBranch {
 public:
  ClipBranch(ClipNet& net, std::size_t behaviour_dim, Random& random)
      : net_(net),
        views_(kMeetingDim, random),
        meeting_(kMeetingDim, random),
        behaviour_(std::max<std::size_t>(behaviour_dim, 1), random) {}

  void enumerate(const std::string& name, nn::Parameters& all) {
    net_.enumerate(name, all);
    views_.enumerate(name + ".views", all);
    meeting_.enumerate(name + ".meeting", all);
    behaviour_.enumerate(name + ".behaviour", all);
    if (masked_) masked_->enumerate(name + ".masked", all);
  }
  void tell_masked(Random& random) { masked_.emplace(net_.shape(), random); }

  // Cuts and embeds.
  void look(std::span<const Clip> clips, std::span<const std::uint32_t> batch, Random& random) {
    present_.clear();
    for (const auto i : batch) {
      if (!empty(clips[i].*kPart)) present_.push_back(i);
    }
    for (auto& view : sides_) {
      view.gradient = nn::Matrix(present_.size(), ClipNet::kDim);
      if (present_.empty()) continue;
      const auto size = kViewSteps * net_.shape().size();
      ClipBatch cuts{nn::Matrix(present_.size() * size / net_.shape().channels, net_.shape().channels),
                     {present_.size(), kViewSteps}};
      for (std::size_t row = 0; row < present_.size(); ++row) {
        random_view(clips[present_[row]].*kPart, random, std::span(cuts.pixels.values()).subspan(row * size, size));
      }
      view.vectors = net_.embed(std::move(cuts), &view.kept);
    }
  }

  double two_views(float temperature) {
    if (present_.size() < 2) return 0;
    ClipProjection::Kept kept_a;
    ClipProjection::Kept kept_b;
    const auto a = views_.forward(sides_[0].vectors, kept_a);
    const auto b = views_.forward(sides_[1].vectors, kept_b);
    const auto loss = nn::info_nce(a, b, temperature);
    sides_[0].gradient += views_.backward(loss.gradient_a, kept_a);
    sides_[1].gradient += views_.backward(loss.gradient_b, kept_b);
    return loss.value;
  }

  double behaviour(std::span<const Clip> clips, float temperature) {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < present_.size(); ++row) {
      if (!clips[present_[row]].behaviour.empty()) rows.push_back(row);
    }
    if (rows.size() < 2) return 0;
    nn::Matrix targets(rows.size(), clips[present_[rows[0]]].behaviour.size());
    for (std::size_t r = 0; r < rows.size(); ++r)
      std::ranges::copy(clips[present_[rows[r]]].behaviour, targets.row(r).begin());
    ClipProjection::Kept kept;
    const auto loss =
        nn::info_nce(behaviour_.forward(picked(rows), kept), nn::unit_rows(std::move(targets)), temperature);
    put_back(behaviour_.backward(loss.gradient_a, kept), rows);
    return loss.value;
  }

  // `beside`: of each present file the vector of its other modality, zeros for none; gets that vector's gradient added.
  double masked(std::span<const Clip> clips, const nn::Matrix& beside, nn::Matrix& d_beside,
                const ClipTraining& training, Random& random) {
    if (!masked_ || present_.empty()) return 0;
    const auto size = net_.shape().size();
    MaskedPictures cuts{nn::Matrix(present_.size() * size / net_.shape().channels, net_.shape().channels), {}, beside};
    for (std::size_t row = 0; row < present_.size(); ++row) {
      random_cut(clips[present_[row]].*kPart, random, std::span(cuts.pixels.values()).subspan(row * size, size));
      const bool known = std::ranges::any_of(beside.row(row), [](float x) { return x != 0; });
      const float chance = known && random.uniform() < training.hide_all ? 1 : training.hide_square;
      for (std::size_t square = 0; square < masked_->squares(); ++square)
        cuts.hidden.push_back(random.uniform() < chance ? 1 : 0);
    }
    MaskedPatches::Kept kept;
    const double loss = masked_->loss(net_, std::move(cuts), &kept);
    d_beside += masked_->backward(net_, training.masked, std::move(kept));
    return training.masked * loss;
  }

  void learn() {
    if (present_.empty()) return;
    for (const auto& side : sides_) net_.backward(side.gradient, side.kept);
  }

  // The first views of the files at the given places among present(), in the space where sound and pictures meet.
  nn::Matrix meet(std::span<const std::size_t> rows, ClipProjection::Kept& keep) const {
    return meeting_.forward(picked(rows), keep);
  }
  void meet_backward(const nn::Matrix& dy, std::span<const std::size_t> rows, const ClipProjection::Kept& kept) {
    put_back(meeting_.backward(dy, kept), rows);
  }
  [[nodiscard]] const std::vector<std::uint32_t>& present() const { return present_; }

  // Rows of the first view.
  [[nodiscard]] nn::Matrix picked(std::span<const std::size_t> rows) const {
    nn::Matrix out(rows.size(), ClipNet::kDim);
    for (std::size_t r = 0; r < rows.size(); ++r) std::ranges::copy(sides_[0].vectors.row(rows[r]), out.row(r).begin());
    return out;
  }
  void put_back(const nn::Matrix& gradient, std::span<const std::size_t> rows) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      for (std::size_t d = 0; d < ClipNet::kDim; ++d) sides_[0].gradient.row(rows[r])[d] += gradient.row(r)[d];
    }
  }

 private:
  struct Side {
    ClipNet::Kept kept;
    nn::Matrix vectors;
    nn::Matrix gradient;
  };

  ClipNet& net_;
  ClipProjection views_;
  ClipProjection meeting_;
  ClipProjection behaviour_;
  std::optional<MaskedPatches> masked_;
  std::vector<std::uint32_t> present_;  // clips, ascending by their place in the batch
  std::array<Side, 2> sides_;
};

}  // namespace zhiyin
