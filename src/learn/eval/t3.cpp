#include "learn/eval/t3.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/file.h"
#include "base/measure/splits.h"
#include "learn/eval/datasets.h"
#include "learn/eval/ranking.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

const std::array<std::string, 3> kModels = {"mean", "bias", "mf"};

// Which ratings are predicted from which, by their position in the file.
struct Fold {
  std::vector<Interaction> known;
  std::vector<Interaction> asked;
};

std::vector<Fold> random_cut(const std::vector<Interaction>& ratings, std::uint64_t seed) {
  Random random(seed, 4);
  std::vector<Fold> folds;
  for (const auto& part : random_folds(ratings.size(), 5, random)) {
    auto& fold = folds.emplace_back();
    auto next = part.begin();
    for (std::uint32_t r = 0; r < ratings.size(); ++r) {
      const bool asked = next != part.end() && *next == r;
      if (asked) ++next;
      (asked ? fold.asked : fold.known).push_back(ratings[r]);
    }
  }
  return folds;
}

std::vector<Fold> time_cut(std::vector<Interaction> ratings) {
  std::ranges::stable_sort(ratings, {}, &Interaction::time);
  const auto cut = ratings.begin() + static_cast<std::ptrdiff_t>(ratings.size() * 4 / 5);
  return {{{ratings.begin(), cut}, {cut, ratings.end()}}};
}

// Sums over one user's predictions.
struct Errors {
  double square = 0;
  double absolute = 0;
  double count = 0;
};

class T3 {
 public:
  T3(const T3Options& options, std::size_t users, std::size_t items, Row empty, Table& table)
      : options_(options), users_(users), items_(items), empty_(std::move(empty)), table_(table) {}

  Result<void> block(const std::string& name, const std::vector<Fold>& folds) {
    for (const auto& model : kModels) {
      if (!options_.models.empty() && std::ranges::find(options_.models, model) == options_.models.end()) continue;
      auto row = empty_;
      row.block = name;
      row.model = model;
      std::vector<Errors> errors(users_);
      for (std::size_t f = 0; f < folds.size(); ++f) {
        options_.on_progress(fmt::format("{}, {}", name, model), f, folds.size());
        ZY_CHECK_OK(predict(row, folds[f], static_cast<double>(folds.size()), errors));
      }
      put(row, errors);
      table_.rows.push_back(std::move(row));
    }
    return {};
  }

 private:
  Result<void> predict(Row& row, const Fold& fold, double folds, std::vector<Errors>& errors) const {
    double sum = 0;
    float low = fold.known.front().weight;
    float high = low;
    for (const auto& rating : fold.known) {
      sum += rating.weight;
      low = std::min(low, rating.weight);
      high = std::max(high, rating.weight);
    }
    const auto add = [&](const Interaction& rating, double predicted) {
      const double miss = std::clamp(predicted, double{low}, double{high}) - rating.weight;
      auto& of_user = errors[rating.user];
      of_user.square += miss * miss;
      of_user.absolute += std::abs(miss);
      of_user.count += 1;
    };
    if (row.model == "mean") {
      for (const auto& rating : fold.asked) add(rating, sum / static_cast<double>(fold.known.size()));
      return {};
    }
    const auto known = Interactions::from(fold.known, users_, items_);
    const Params params = row.model == "bias" ? Params{{"factors", 0}} : Params{};
    ZY_TRY(const auto fitted, fit("mf", params, {.interactions = known}, options_.seed, options_.threads));
    row.params = fitted.model->params();
    row.train_s += fitted.cost.wall_s / folds;
    row.cpu_s += fitted.cost.cpu_s / folds;
    row.peak_rss_mib = std::max(row.peak_rss_mib, fitted.cost.peak_rss_mib);

    std::vector<std::vector<const Interaction*>> asked(users_);
    for (const auto& rating : fold.asked) asked[rating.user].push_back(&rating);
    std::vector<float> scores(items_);
    for (UserIndex user = 0; user < users_; ++user) {
      if (asked[user].empty()) continue;
      const auto items = known.row(user);
      const auto stars = known.weights(user);
      fitted.model->score({{items.begin(), items.end()}, {stars.begin(), stars.end()}, {}}, scores);
      for (const auto* rating : asked[user]) add(*rating, scores[rating->item]);
    }
    return {};
  }

  void put(Row& row, const std::vector<Errors>& errors) const {
    double square = 0;
    double absolute = 0;
    double count = 0;
    for (const auto& of_user : errors) {
      square += of_user.square;
      absolute += of_user.absolute;
      count += of_user.count;
    }
    row.metrics = {{"rmse", std::sqrt(square / count)}, {"mae", absolute / count}};
    // A user's share of the sum, such that the plain mean over users is the mean over ratings.
    std::vector<double> squares;
    std::vector<double> absolutes;
    for (const auto& of_user : errors) {
      if (of_user.count == 0) continue;
      squares.push_back(of_user.square);
      absolutes.push_back(of_user.absolute);
    }
    const double scale = static_cast<double>(squares.size()) / count;
    for (auto& value : squares) value *= scale;
    for (auto& value : absolutes) value *= scale;
    const auto interval = bootstrap_mean(squares, options_.seed);
    row.ci95 = {{"rmse", {std::sqrt(interval.low), std::sqrt(interval.high)}},
                {"mae", bootstrap_mean(absolutes, options_.seed)}};
  }

  const T3Options& options_;
  std::size_t users_;
  std::size_t items_;
  Row empty_;
  Table& table_;
};

}  // namespace

Result<Table> evaluate_t3(const T3Options& options) {
  ZY_CHECK_OK(check_in_table(options.models, kModels).in("t3"));
  ZY_TRY(const auto file, find_ratings(options.data));
  Ids ids;
  ZY_TRY(auto events, read_ratings(file, ids));
  if (events.events.size() < 10) return invalid(fmt::format("{}: fewer than ten ratings", file.path.string()));
  const auto numbers = ids.items.sort();
  for (auto& event : events.events) event.item = numbers[event.item];
  Table table{.name = "t3", .seed = options.seed, .machine = this_machine(options.threads)};
  table.results = {{"users", ids.users.size()}, {"items", ids.items.size()}, {"ratings", events.events.size()}};
  Row empty;
  empty.data = file.name;
  empty.split_sha256 = sha256_hex(fmt::format("{}\nfive folds, seed {}\n", events.sha256, options.seed));
  T3 t3(options, ids.users.size(), ids.items.size(), std::move(empty), table);
  ZY_CHECK_OK(t3.block("main", random_cut(events.events, options.seed)).in("t3"));
  ZY_CHECK_OK(t3.block("time", time_cut(events.events)).in("t3"));
  return table;
}

}  // namespace zhiyin
