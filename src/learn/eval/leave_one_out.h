// How well features tell labels apart: each clip asks its nearest neighbours among the others.
#pragma once

#include <string>
#include <vector>

namespace zhiyin {

// Clips with labels. Those whose label no other clip has are left out of everything, questions, answers and chance
// alike: there is no right answer to give.
struct LabelledVectors {
  std::vector<std::vector<float>> vectors;  // one a clip, all of one length
  std::vector<std::string> labels;
  bool ready = false;               // the vectors are compared as they are; else z-scored first
  std::vector<std::string> groups;  // empty, or one a clip: clips of one group never answer each other ("" is no group)
};

struct LeaveOneOut {
  std::size_t clips = 0;     // that asked
  double nn1 = 0;            // share whose nearest neighbour has the same label
  double p5 = 0;             // mean share of the same label among the five nearest
  double chance = 0;         // expected nn1 of a neighbour drawn at random
  std::vector<double> hits;  // of each clip that asked: 1 if its nearest neighbour has its label, else 0
};

// Cosine of features, unless they are ready z-scored over all the given clips and cut at 5 deviations, so that a
// feature that never changes counts nothing. `asking`: which clips count in the result (empty: all); all of them
// answer. Ties go to the earlier clip.
LeaveOneOut leave_one_out(const LabelledVectors& clips, const std::vector<bool>& asking = {});

// The same clips with only elements [first, first + count) of the vectors.
LabelledVectors sliced(const LabelledVectors& clips, int first, int count);

}  // namespace zhiyin
