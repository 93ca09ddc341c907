#include "learn/compress_choice.h"

#include <algorithm>
#include <limits>

namespace zhiyin {

std::optional<std::vector<std::size_t>> choose_within(const std::vector<std::vector<Choice>>& things,
                                                      std::size_t budget) {
  struct Combination {
    std::size_t bytes = 0;
    double loss = 0;
    std::vector<std::size_t> chosen;
  };
  std::vector<Combination> front(1);
  for (const auto& choices : things) {
    std::vector<Combination> all;
    for (const auto& before : front) {
      for (std::size_t c = 0; c < choices.size(); ++c) {
        if (before.bytes + choices[c].bytes > budget) continue;
        auto& next = all.emplace_back(before);
        next.bytes += choices[c].bytes;
        next.loss += choices[c].loss;
        next.chosen.push_back(c);
      }
    }
    std::ranges::stable_sort(all, [](const Combination& a, const Combination& b) {
      return a.bytes != b.bytes ? a.bytes < b.bytes : a.loss < b.loss;
    });
    front.clear();
    double least = std::numeric_limits<double>::infinity();
    for (auto& one : all) {
      if (one.loss >= least) continue;
      least = one.loss;
      front.push_back(std::move(one));
    }
    if (front.empty()) return std::nullopt;
  }
  return front.back().chosen;  // the largest has the least loss
}

}  // namespace zhiyin
