// What a rank among a few sampled items says of the rank among all (Krichene and Rendle 2020, "On Sampled Metrics for
// Item Recommendation", KDD).
//
// One relevant item stands at rank R among N candidates. Of the other N-1, m are drawn without replacement, and it
// stands at rank S among those m+1. S-1 is then hypergeometric: how many of the R-1 better ones were drawn. A metric
// M(R) is estimated from S alone by a table x[S], their "bias-variance" estimator of section 6.3:
//
//   minimise over x   sum_R p(R) (E[x[S] | R] - M(R))^2  +  g sum_R p(R) Var[x[S] | R]
//   so                ((1-g) A'A + g diag(c)) x = A'b,   A[R,S] = sqrt(p(R)) P(S|R), b[R] = sqrt(p(R)) M(R), c = A' sqrt(p)
//
// with p uniform over the ranks. g = 0 is the least biased, but its values swing far outside [0, 1]; g = 1 is the mean
// of M given S. In between, the mean of x over uniform ranks is always exactly the mean of M. Values of single users
// mean nothing; means over many do.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace zhiyin {

// x[S-1] for S = 1 .. sampled+1. `metric` has M(R) at R-1 for all N = metric.size() ranks; sampled < N;
// 0 < trade_off <= 1. Cost: N * sampled^2.
std::vector<double> corrected_metric(std::span<const double> metric, std::size_t sampled, double trade_off);

}  // namespace zhiyin
