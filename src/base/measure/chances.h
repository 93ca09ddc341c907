// How good predicted chances of a yes are: ranking, likelihood, and whether they mean what they say.
#pragma once

#include <cstdint>
#include <span>

namespace zhiyin {

// The chance that a yes is scored above a no, ties counting half (by midranks). NaN where all labels are one.
double auc(std::span<const float> scores, std::span<const float> labels);

// The mean of the users' own auc, weighted by their rows, over users who have both labels (Zhou et al. 2018).
double grouped_auc(std::span<const float> scores, std::span<const float> labels, std::span<const std::uint32_t> users);

// -mean of label log(p) + (1 - label) log(1 - p); p is held 1e-7 away from 0 and 1.
double log_loss(std::span<const float> chances, std::span<const float> labels);

// Expected calibration error: rows in `bins` equal intervals of their chance, sum over bins of share |mean label - mean
// chance| (Guo et al. 2017).
double calibration_error(std::span<const float> chances, std::span<const float> labels, std::size_t bins = 15);

}  // namespace zhiyin
