#include "understand/embed/agreement.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"
#include "base/random.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMostPairs = 4000;  // of items, looked at for two encoders
constexpr int kRounds = 100;

// The spread is measured as if that many pairs of items more had been seen, with a typical one: so that a few items
// alike by chance do not make an encoder look sure of itself.
constexpr double kPriorPairs = 20;
constexpr double kTypicalSpread = 0.2;

double variance(double sum, double squares, double count) {
  return std::max(squares / count - (sum / count) * (sum / count), 0.0);
}

// What two encoders (or one, given twice) think of the same pairs of items.
struct Comparison {
  double correlation = 0;
  double variance = 0;  // of the first's opinions
  double pairs = 0;
  double items = 0;  // that have both
};

class Comparer {
 public:
  Comparer(std::span<const float> rows, std::size_t dim, std::span<const Opinion> opinions)
      : rows_(rows), dim_(dim), lengths_(opinions.size()) {
    for (std::size_t o = 0; o < opinions.size(); ++o) {
      for (std::size_t item = 0; item < rows.size() / dim; ++item) {
        const auto block = this->block(item, opinions[o]);
        lengths_[o].push_back(std::sqrt(dot(block, block)));
      }
    }
  }

  Comparison compare(std::span<const Opinion> opinions, std::size_t a, std::size_t b) const {
    std::vector<std::size_t> both;
    for (std::size_t item = 0; item < lengths_[a].size(); ++item) {
      if (lengths_[a][item] > 0 && lengths_[b][item] > 0) both.push_back(item);
    }
    Sums sums;
    const auto look = [&](std::size_t i, std::size_t j) {
      const auto of = [&](std::size_t o) {
        return double{dot(block(i, opinions[o]), block(j, opinions[o])) / (lengths_[o][i] * lengths_[o][j])};
      };
      const double x = of(a);
      sums.add(x, a == b ? x : of(b));
    };
    if (both.size() * (both.size() - 1) / 2 <= kMostPairs) {
      for (std::size_t i = 1; i < both.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) look(both[i], both[j]);
      }
    } else {
      Random random(a, b);
      const auto draw = [&](std::size_t below) { return random.below(static_cast<std::uint32_t>(below)); };
      for (std::size_t k = 0; k < kMostPairs; ++k) {
        const auto i = draw(both.size());
        const auto j = (i + 1 + draw(both.size() - 1)) % both.size();
        look(both[i], both[j]);
      }
    }
    return sums.comparison(static_cast<double>(both.size()));
  }

 private:
  struct Sums {
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0, count = 0;

    void add(double of_a, double of_b) {
      x += of_a;
      y += of_b;
      xx += of_a * of_a;
      yy += of_b * of_b;
      xy += of_a * of_b;
      ++count;
    }
    [[nodiscard]] Comparison comparison(double items) const {
      if (count < 3) return {};  // two points always lie on a line
      const double both = std::sqrt(variance(x, xx, count) * variance(y, yy, count));
      const double covariance = xy / count - (x / count) * (y / count);
      return {both > 1e-12 ? covariance / both : 0.0, variance(x, xx, count), count, items};
    }
  };

  [[nodiscard]] std::span<const float> block(std::size_t item, const Opinion& opinion) const {
    return rows_.subspan(item * dim_ + opinion.offset, opinion.dim);
  }

  std::span<const float> rows_;
  std::size_t dim_;
  std::vector<std::vector<float>> lengths_;  // by opinion and item
};

// Least squares a trust at a time. `seen`: k x k, those that do not count have no items.
std::vector<double> trusts(std::span<const Opinion> opinions, const std::vector<Comparison>& seen) {
  const auto k = opinions.size();
  std::vector<double> trust;
  for (const auto& opinion : opinions) trust.push_back(opinion.prior_trust);
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t a = 0; a < k; ++a) {
      constexpr double kPrior = kPriorItems * kPriorTrust * kPriorTrust;
      double above = kPrior * opinions[a].prior_trust;
      double below = kPrior;
      for (std::size_t b = 0; b < k; ++b) {
        const auto& [correlation, variance, pairs, items] = seen[a * k + b];
        above += items * correlation * trust[b];
        below += items * trust[b] * trust[b];
      }
      trust[a] = std::clamp(above / below, double{kLeastTrust}, double{kMostTrust});
    }
  }
  return trust;
}

}  // namespace

std::vector<Agreement> agreement(std::span<const float> rows, std::size_t dim, std::span<const Opinion> opinions) {
  if (opinions.empty() || dim == 0) return {};
  const auto k = opinions.size();
  const bool several = std::ranges::any_of(
      opinions, [&](const Opinion& opinion) { return opinion.modality != opinions.front().modality; });
  const Comparer comparer(rows, dim, opinions);
  std::vector<Comparison> seen(k * k);
  for (std::size_t a = 0; a < k; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (several && opinions[a].modality == opinions[b].modality) continue;
      seen[a * k + b] = seen[b * k + a] = comparer.compare(opinions, a, b);
    }
  }
  const auto trust = trusts(opinions, seen);
  std::vector<Agreement> out;
  for (std::size_t a = 0; a < k; ++a) {
    const auto own = comparer.compare(opinions, a, a);
    const double spread = std::sqrt((own.pairs * own.variance + kPriorPairs * kTypicalSpread * kTypicalSpread) /
                                    (own.pairs + kPriorPairs));
    out.push_back({static_cast<float>(trust[a]), static_cast<float>(trust[a] / (1 - trust[a] * trust[a]) / spread)});
  }
  const float most = std::ranges::max_element(out, {}, &Agreement::weight)->weight;
  for (auto& one : out) one.weight /= most;
  return out;
}

}  // namespace zhiyin
