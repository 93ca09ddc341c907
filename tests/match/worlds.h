// Tiny worlds of behaviour in text, for tests of matching models.
#pragma once

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "match/content/served_tower.h"
#include "match/registry/registry.h"
#include "support/tiny_networks.h"

namespace zhiyin {

// One user a line, his items by number: "0 1 2\n1 2". `items` is the size of the catalogue.
inline Interactions world(const std::string& lines, std::size_t items) {
  std::vector<Interaction> cells;
  std::istringstream text(lines);
  UserIndex user = 0;
  for (std::string line; std::getline(text, line); ++user) {
    std::istringstream row(line);
    for (ItemIndex item = 0; row >> item;) cells.push_back({user, item, 1.0F, 0});
  }
  return Interactions::from(cells, user, items);
}

// Two tastes: even users like the first half of the items, odd ones the second half, each with a little noise.
inline Interactions two_tastes(std::size_t users, std::size_t items, std::uint64_t seed = 7) {
  Random random(seed);
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < users; ++user) {
    for (ItemIndex item = 0; item < items; ++item) {
      const bool liked = (item < items / 2) == (user % 2 == 0);
      if (random.uniform() < (liked ? 0.5F : 0.05F)) cells.push_back({user, item, 1.0F, 0});
    }
  }
  return Interactions::from(cells, users, items);
}

inline History history(std::vector<ItemIndex> items, std::vector<float> weights = {}) {
  if (weights.empty()) weights.assign(items.size(), 1.0F);
  return {std::move(items), std::move(weights), {}};
}

// Content that tells the halves of two_tastes apart, with some noise.
inline ItemFeatures half_features(std::size_t items, std::size_t dim = 4) {
  Random random(3);
  ItemFeatures features{dim, {}};
  for (std::size_t item = 0; item < items; ++item) {
    for (std::size_t d = 0; d < dim; ++d) {
      features.rows.push_back(0.1F * random.normal() + ((d % 2 == 0) == (item < items / 2) ? 1.0F : 0.0F));
    }
  }
  return features;
}

// A two-tower model over those: a user is the sum of what they did.
inline ForeignTower half_tower(const ItemFeatures& features) {
  const auto dim = static_cast<std::int64_t>(features.dim);
  tiny::Weights weights(1);
  tiny::Writer writer(weights);
  const auto history = writer.input("history", OnnxType::kFloat, {-1, dim});
  writer.output(writer.node("ReduceSum", {history, writer.integers({0})}, {{"keepdims", std::int64_t{0}}}), "user",
                OnnxType::kFloat, {dim});
  ForeignTower tower{writer.model.serialize(), features.dim, features.rows, {}};
  for (std::size_t item = 0; item * features.dim < features.rows.size(); ++item)
    tower.ids.push_back(static_cast<std::int64_t>(item));
  return tower;
}

inline std::vector<float> scores_of(const Model& model, const History& of) {
  std::vector<float> scores(model.items(), std::nanf(""));
  model.score(of, scores);
  return scores;
}

inline bool all_finite(const std::vector<float>& scores) {
  return std::ranges::all_of(scores, [](float score) { return std::isfinite(score); });
}

}  // namespace zhiyin
