// How far each encoder is to be trusted, learned from how well encoders agree: no label, no behaviour.
//
// Every encoder has its opinion of how alike two items are, the cosine c_b of their blocks. What the items truly have
// in common moves the opinions of what is read, heard and seen alike; what an encoder gets wrong is its own. So one
// common factor is sought behind the opinions (Spearman 1904): of two encoders a and b of different modalities the
// opinions correlate by
//
//   r_ab = trust_a trust_b,   trust by least squares over all such pairs, each counted by the items that have both,
//                             with kPriorItems imaginary items that hold every encoder for as good as kPriorTrust
//                             says
//
// Encoders of one modality agree in their common blindness too, so their pairs count only where there is no other
// modality. The factor is best told by the sum of the opinions, each divided by its spread, weighed by
// trust / (1 - trust^2) (Bartlett 1937): that is the weight, in parts of the largest
//
//   w_b = trust_b / (1 - trust_b^2) / spread_b
//
// Dividing by the spread matters as much as the trust: an encoder whose numbers all move together calls half of all
// pairs alike and the others opposite, and would shout down one that tells five hundred things apart.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "domain/perception.h"

namespace zhiyin {

// One encoder's numbers, of `dim` in each row, from `offset`.
struct Opinion {
  Modality modality = Modality::kText;
  std::size_t offset = 0;
  std::size_t dim = 0;
  float prior_trust = 0.5F;
};

struct Agreement {
  float trust = 0;   // in [kLeastTrust, kMostTrust]
  float weight = 0;  // in (0, 1], the largest is 1
};

inline constexpr float kLeastTrust = 0.05F;  // what an encoder says counts for something where it speaks alone
inline constexpr float kMostTrust = 0.95F;
inline constexpr float kPriorTrust = 0.5F;
inline constexpr double kPriorItems = 20;

// `rows`: items x dim, centred blocks of any length; a block of zeros: the item lacks it. Looks at a fixed number of
// pairs of items an encoder pair, drawn by a fixed seed: repeats bit by bit, and costs the same for any large
// catalogue. Thread-safe.
std::vector<Agreement> agreement(std::span<const float> rows, std::size_t dim, std::span<const Opinion> opinions);

}  // namespace zhiyin
