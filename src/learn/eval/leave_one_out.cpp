#include "learn/eval/leave_one_out.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <utility>

namespace zhiyin {
namespace {

constexpr double kCut = 5;

void standardise(std::vector<std::vector<float>>& out) {
  const auto vectors = out;
  const auto n = static_cast<double>(out.size());
  for (std::size_t d = 0; d < vectors.front().size(); ++d) {
    double mean = 0;
    for (const auto& v : vectors) mean += v[d] / n;
    double variance = 0;
    for (const auto& v : vectors) variance += (v[d] - mean) * (v[d] - mean) / n;
    const double deviation = std::sqrt(variance);
    for (auto& v : out) {
      v[d] = deviation > 1e-9 ? static_cast<float>(std::clamp((v[d] - mean) / deviation, -kCut, kCut)) : 0.0F;
    }
  }
}

// Unit-length rows.
std::vector<std::vector<float>> normalised(const LabelledVectors& clips) {
  auto out = clips.vectors;
  if (!out.empty() && !clips.ready) standardise(out);
  for (auto& v : out) {
    double squares = 0;
    for (const float x : v) squares += static_cast<double>(x) * x;
    const auto length = static_cast<float>(std::sqrt(squares));
    if (length > 0) {
      for (auto& x : v) x /= length;
    }
  }
  return out;
}

}  // namespace

LeaveOneOut leave_one_out(const LabelledVectors& clips, const std::vector<bool>& asking) {
  assert(clips.labels.size() == clips.vectors.size());
  std::map<std::string, int> members;
  for (const auto& label : clips.labels) ++members[label];
  const auto counts = [&](std::size_t i) { return members.at(clips.labels[i]) > 1; };
  const auto strangers = [&](std::size_t i, std::size_t j) {
    return i != j && (clips.groups.empty() || clips.groups[i].empty() || clips.groups[i] != clips.groups[j]);
  };
  const auto rows = normalised(clips);

  constexpr std::size_t kNeighbours = 5;
  LeaveOneOut result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!counts(i) || (!asking.empty() && !asking[i])) continue;
    std::vector<std::pair<double, std::size_t>> others;  // less similar is larger
    std::size_t same = 0;
    for (std::size_t j = 0; j < rows.size(); ++j) {
      if (!counts(j) || !strangers(i, j)) continue;
      double cosine = 0;
      for (std::size_t d = 0; d < rows[i].size(); ++d) cosine += static_cast<double>(rows[i][d]) * rows[j][d];
      others.emplace_back(-cosine, j);
      same += clips.labels[i] == clips.labels[j] ? 1 : 0;
    }
    if (same == 0) continue;  // its group holds all of its label
    const auto nearest = std::min(kNeighbours, others.size());
    std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(nearest), others.end());
    double right = 0;
    for (std::size_t k = 0; k < nearest; ++k) right += clips.labels[others[k].second] == clips.labels[i] ? 1 : 0;
    ++result.clips;
    result.hits.push_back(clips.labels[others.front().second] == clips.labels[i] ? 1 : 0);
    result.nn1 += result.hits.back();
    result.p5 += right / static_cast<double>(nearest);
    result.chance += static_cast<double>(same) / static_cast<double>(others.size());
  }
  const auto n = static_cast<double>(std::max<std::size_t>(result.clips, 1));
  result.nn1 /= n;
  result.p5 /= n;
  result.chance /= n;
  return result;
}

LabelledVectors sliced(const LabelledVectors& clips, int first, int count) {
  auto out = clips;
  for (auto& v : out.vectors) v = {v.begin() + first, v.begin() + first + count};
  return out;
}

}  // namespace zhiyin
