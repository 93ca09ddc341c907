#include "learn/clip_training.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/nn/losses.h"
#include "base/nn/optimizers.h"
#include "learn/clip_branch.h"

namespace zhiyin {
namespace {

using SoundBranch = ClipBranch<MelStrip, &Clip::sound>;
using PictureBranch = ClipBranch<FrameStrip, &Clip::pictures>;

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
  ClipProjection::Kept kept_sound;
  ClipProjection::Kept kept_pictures;
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
