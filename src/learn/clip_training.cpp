#include "learn/clip_training.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>

#include "base/nn/activations.h"
#include "base/nn/losses.h"
#include "base/nn/optimizers.h"
#include "learn/clip_views.h"
#include "learn/masked_patches.h"

namespace zhiyin {
namespace {

constexpr std::size_t kSharedDim = 64;

// unit(relu(x A) B)
class Projection {
 public:
  struct Kept {
    nn::Dense::Kept first;
    nn::Dense::Kept second;
    nn::Matrix hidden;
    nn::Matrix before;
    nn::Matrix after;
  };

  Projection(std::size_t outputs, Random& random)
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

bool empty(const MelStrip& strip) { return strip.levels.empty(); }
bool empty(const FrameStrip& strip) { return strip.frames.empty(); }

// One modality at one step: the files of the batch that have it, their two views, and what is asked of them. Each
// question adds its gradient to the views'; learn() takes them through the net.
template <typename Strip, Strip Clip::*kPart>
class Branch {
 public:
  Branch(ClipNet& net, std::size_t behaviour_dim, Random& random)
      : net_(net),
        views_(kSharedDim, random),
        meeting_(kSharedDim, random),
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
    Projection::Kept kept_a;
    Projection::Kept kept_b;
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
    Projection::Kept kept;
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
  nn::Matrix meet(std::span<const std::size_t> rows, Projection::Kept& keep) const {
    return meeting_.forward(picked(rows), keep);
  }
  void meet_backward(const nn::Matrix& dy, std::span<const std::size_t> rows, const Projection::Kept& kept) {
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
  Projection views_;
  Projection meeting_;
  Projection behaviour_;
  std::optional<MaskedPatches> masked_;
  std::vector<std::uint32_t> present_;  // clips, ascending by their place in the batch
  std::array<Side, 2> sides_;
};

using SoundBranch = Branch<MelStrip, &Clip::sound>;
using PictureBranch = Branch<FrameStrip, &Clip::pictures>;

// The files of a batch that have both modalities, by their places among the present ones of each.
struct Pairs {
  std::vector<std::size_t> heard;
  std::vector<std::size_t> seen;
};

Pairs pairs_of(const SoundBranch& sound, const PictureBranch& pictures) {
  Pairs pairs;
  for (std::size_t row = 0; row < sound.present().size(); ++row) {
    const auto other = std::ranges::find(pictures.present(), sound.present()[row]);
    if (other == pictures.present().end()) continue;
    pairs.heard.push_back(row);
    pairs.seen.push_back(static_cast<std::size_t>(other - pictures.present().begin()));
  }
  return pairs;
}

double meeting(SoundBranch& sound, PictureBranch& pictures, const Pairs& pairs, float temperature) {
  const auto& [heard, seen] = pairs;
  if (heard.size() < 2) return 0;
  Projection::Kept kept_sound;
  Projection::Kept kept_pictures;
  const auto loss = nn::info_nce(sound.meet(heard, kept_sound), pictures.meet(seen, kept_pictures), temperature);
  sound.meet_backward(loss.gradient_a, heard, kept_sound);
  pictures.meet_backward(loss.gradient_b, seen, kept_pictures);
  return loss.value;
}

// What is hidden of `branch`, told from the rest of it and from the first views of `other`.
template <typename Branch, typename Other>
double masked(Branch& branch, std::span<const std::size_t> rows, Other& other, std::span<const std::size_t> other_rows,
              std::span<const Clip> clips, const ClipTraining& training, Random& random) {
  nn::Matrix beside(branch.present().size(), ClipNet::kDim);
  nn::Matrix d_beside(branch.present().size(), ClipNet::kDim);
  const auto vectors = other.picked(other_rows);
  for (std::size_t r = 0; r < rows.size(); ++r) std::ranges::copy(vectors.row(r), beside.row(rows[r]).begin());
  const double loss = branch.masked(clips, beside, d_beside, training, random);
  nn::Matrix gradient(rows.size(), ClipNet::kDim);
  for (std::size_t r = 0; r < rows.size(); ++r) std::ranges::copy(d_beside.row(rows[r]), gradient.row(r).begin());
  other.put_back(gradient, other_rows);
  return loss;
}

float rate_at(std::size_t step, std::size_t steps, float most) {
  const double rise = 0.05 * static_cast<double>(steps);
  const auto at = static_cast<double>(step);
  if (at < rise) return most * static_cast<float>((at + 1) / (rise + 1));
  return most * 0.5F * static_cast<float>(1 + std::cos(std::numbers::pi * at / static_cast<double>(steps)));
}

std::size_t behaviour_dim(std::span<const Clip> clips) {
  std::size_t dim = 0;
  for (const auto& clip : clips) dim = std::max(dim, clip.behaviour.size());
  return dim;
}

}  // namespace

double train_clips(OwnNets& nets, std::span<const Clip> clips, const ClipTraining& training) {
  Random random(training.seed, 1);
  SoundBranch sound(nets.sound, behaviour_dim(clips), random);
  PictureBranch pictures(nets.pictures, behaviour_dim(clips), random);
  Random hiding(training.seed, 2);
  if (training.masked > 0) {
    sound.tell_masked(hiding);
    pictures.tell_masked(hiding);
  }
  nn::Parameters all;
  sound.enumerate("sound", all);
  pictures.enumerate("pictures", all);
  nn::Adam adam(all, {.rate = training.rate, .weight_decay = 1e-2F, .most_norm = 5});

  std::vector<std::uint32_t> order(clips.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto batches = std::max<std::size_t>(clips.size() / training.batch, 1);
  const auto steps = batches * static_cast<std::size_t>(training.epochs);
  double mean = 0;
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    random.shuffle(std::span(order));
    mean = 0;
    for (std::size_t b = 0; b < batches; ++b) {
      const auto first = b * order.size() / batches;
      const auto batch = std::span(order).subspan(first, (b + 1) * order.size() / batches - first);
      sound.look(clips, batch, random);
      pictures.look(clips, batch, random);
      double loss = sound.two_views(training.temperature) + pictures.two_views(training.temperature);
      const auto pairs = pairs_of(sound, pictures);
      loss += meeting(sound, pictures, pairs, training.temperature);
      if (training.masked > 0) {
        loss += masked(sound, pairs.heard, pictures, pairs.seen, clips, training, hiding);
        loss += masked(pictures, pairs.seen, sound, pairs.heard, clips, training, hiding);
      }
      loss += sound.behaviour(clips, training.temperature) + pictures.behaviour(clips, training.temperature);
      sound.learn();
      pictures.learn();
      adam.set_rate(rate_at(static_cast<std::size_t>(epoch) * batches + b, steps, training.rate));
      adam.step();
      mean += loss / static_cast<double>(batches);
    }
    training.on_epoch(epoch + 1, training.epochs, mean);
  }
  const auto has = [&](auto test) { return std::ranges::any_of(clips, test); };
  nets.knows_sound |= has([](const Clip& clip) { return !empty(clip.sound); });
  nets.knows_pictures |= has([](const Clip& clip) { return !empty(clip.pictures); });
  return mean;
}

}  // namespace zhiyin
