#include "match/linear/slist.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"

namespace zhiyin {
namespace {

constexpr double kLeastWeight = 1e-3;  // what is further away than this counts for nothing

// exp(-distance / scale) for distance 0, 1, ... down to kLeastWeight.
std::vector<float> fading(double scale) {
  std::vector<float> weights{1};
  scale = std::max(scale, 1e-3);
  for (double distance = 1; std::exp(-distance / scale) >= kLeastWeight; ++distance)
    weights.push_back(static_cast<float>(std::exp(-distance / scale)));
  return weights;
}

}  // namespace

Result<void> Slist::train(const TrainingData& data, const TrainContext& context) {
  const auto& rows = data.interactions;
  const auto items = rows.items();
  if (rows.size() == 0) return invalid("nobody has touched anything yet: nothing followed anything");
  ZY_CHECK_OK(DenseWeights::check_size("slist", items));
  const auto past = fading(params_["past"]);
  const auto future = fading(params_["future"]);

  std::vector<float> gram(items * items, 0);   // sum p p'
  std::vector<float> cross(items * items, 0);  // sum p f'
  for (UserIndex user = 0; user < rows.users(); ++user) {
    const auto sequence = rows.in_order(user);
    for (std::size_t cut = 1; cut < sequence.size(); ++cut) {
      const auto before = std::min(past.size(), cut);
      const auto after = std::min(future.size(), sequence.size() - cut);
      for (std::size_t a = 0; a < before; ++a) {
        const auto item = sequence[cut - 1 - a];
        for (std::size_t b = 0; b < before; ++b) gram[item * items + sequence[cut - 1 - b]] += past[a] * past[b];
        for (std::size_t b = 0; b < after; ++b) cross[item * items + sequence[cut + b]] += past[a] * future[b];
      }
    }
  }
  for (std::size_t i = 0; i < items; ++i) gram[i * items + i] += static_cast<float>(params_["ridge"] + 1e-6);
  ZY_CHECK_OK(solve_spd(items, gram.data(), items, cross.data(), context.threads).in("slist: raise ridge"));
  weights_ = ItemWeights(std::move(cross), items, 0, context.threads);
  popularity_ = Popularity::of(data.interactions);
  return {};
}

}  // namespace zhiyin
