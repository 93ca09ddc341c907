#include "base/measure/kendall.h"

#include <cassert>
#include <cmath>

namespace zhiyin {

double kendall_tau(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  double agreement = 0;
  double decided_by_a = 0;
  double decided_by_b = 0;
  const auto order = [](double x, double y) { return x < y ? -1 : x > y ? 1 : 0; };
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const int in_a = order(a[i], a[j]);
      const int in_b = order(b[i], b[j]);
      agreement += in_a * in_b;
      decided_by_a += in_a != 0;
      decided_by_b += in_b != 0;
    }
  }
  return decided_by_a == 0 || decided_by_b == 0 ? 0 : agreement / std::sqrt(decided_by_a * decided_by_b);
}

}  // namespace zhiyin
