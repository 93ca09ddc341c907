// How the own nets learn from files that nobody has labelled, each of these a term of one loss:
//
//   two views         a file is cut twice at random (other windows, pitch a little up, bands and moments hidden; other
//                     squares, mirrored, other colours): the two must find each other among the batch
//                     (Chen et al. 2020)
//   meeting           of a file that can be heard and seen, the sound must find the picture among the batch's and the
//                     picture the sound (Radford et al. 2021)
//   masked            squares of a picture or of a sound's spectrum are hidden, or the whole modality: what was there is
//                     told from the rest (learn/masked_patches.h); only where `masked` is not 0
//   behaviour         of a file whose item people have touched: it must find the item's collaborative vector
//
// the others each by InfoNCE in a projection of its own. Projections and heads are thrown away afterwards: the nets'
// vectors before them keep more of what a file is (Chen et al. 2020, section 4.2).
//
// The masked term is off. Nearest neighbours of the files in the training half of `zhiyin evaluate understanding`, asked
// among themselves, find the right label with weights 0, 1 and 4 (means of three seeds) for .286, .293 and .261 of the
// sounds and .679, .718 and .667 of the stamps, within what seeds differ by; of five neighbours no more are right (.200
// and .194 of the sounds, .628 and .626 of the stamps, weights 0 and 1); and it costs a quarter more time.
//
// One thread; repeats bit by bit for a seed.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "understand/embed/own_nets.h"

namespace zhiyin {

// What there is of one file; what it lacks is empty.
struct Clip {
  MelStrip sound;
  FrameStrip pictures;
  std::vector<float> behaviour;  // all of one length
};

struct ClipTraining {
  int epochs = 60;
  std::size_t batch = 64;
  float rate = 2e-3F;  // Adam's, after a short rise, falling to 0 along a cosine
  float temperature = 0.2F;
  float masked = 0;         // weight of the masked term
  float hide_square = 0.5;  // chance that a square is hidden
  float hide_all = 0.25;    // chance that all are, of a file that has the other modality
  std::uint64_t seed = 42;
  std::function<void(int epoch, int epochs, double loss)> on_epoch = [](int, int, double) {};
};

// Continues from the weights that the nets have. Returns the last epoch's loss, the mean over steps of the sum of the
// terms. A term with fewer than two files in a batch is left out of it.
double train_clips(OwnNets& nets, std::span<const Clip> clips, const ClipTraining& training);

}  // namespace zhiyin
