#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>

#include "base/random.h"
#include "learn/eval/cold_parts.h"
#include "learn/filling.h"

namespace zhiyin {
namespace {

constexpr std::string_view kMetrics = "recall@20,ndcg@20,coverage@20";
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
constexpr std::array<std::size_t, 6> kLengths = {0, 1, 2, 5, 10, kAll};
constexpr std::array<std::string_view, 3> kLeaning = {"ials", "ease", "spectral"};
constexpr FillingOptions kFilling{.below = 6, .added = 5, .sure = 2, .weight = 0.2F};

std::string block_of(const T1Data& data, std::size_t length) {
  return fmt::format("{}_events-{}", data.name, length == kAll ? "all" : std::to_string(length));
}

// One fold: the rows that are learned from, and who is asked, by length of history.
struct Fold {
  std::vector<UserRow> learned;  // by user; those of the fold are empty
  std::vector<UserIndex> users;  // of each case
  std::array<std::vector<RankingCase>, kLengths.size()> cases;
};

std::vector<Fold> folds_of(const T1Data& data, const T1Split& split, std::uint64_t seed) {
  Random random(seed, 21);
  std::vector<Fold> folds;
  for (const auto& held : split) {
    auto& fold = folds.emplace_back(Fold{.learned = data.rows, .users = {}, .cases = {}});
    for (const auto& one : held) {
      fold.learned[one.user].clear();
      fold.users.push_back(one.user);
      auto drawn = one.shown;
      random.shuffle(std::span(drawn));
      for (std::size_t l = 0; l < kLengths.size(); ++l) {
        UserRow history(drawn.begin(),
                        drawn.begin() + static_cast<std::ptrdiff_t>(std::min(kLengths[l], drawn.size())));
        std::ranges::stable_sort(history, {}, &Interaction::time);
        fold.cases[l].push_back(
            {.history = history_of(history), .masked = items_of(one.shown), .relevant = items_of(one.asked)});
      }
    }
  }
  return folds;
}

// What ranks for the users of a fold, once it is trained.
struct Trained {
  std::function<void(UserIndex user, const History& history, std::span<float> scores)> score;
  Params params;
  Meter::Cost cost;
};
using Training = std::function<Result<Trained>(const Fold& fold)>;

class UserCurve {
 public:
  UserCurve(const T1Data& data, const ColdOptions& options, Table& table)
      : data_(data), options_(options), table_(table) {}

  Result<void> run(std::span<const Contestant> contestants, const SideInformation& side) {
    ZY_TRY(metrics_, parse_metric_keys(kMetrics));
    const auto split = split_t1(data_, options_.seed);
    ZY_TRY(hash_, keep_split(data_, split, options_.seed, {}));
    folds_ = folds_of(data_, split, options_.seed);
    for (const auto& contestant : contestants) {
      ZY_CHECK_OK(add(contestant.model, [&](const Fold& fold) { return registered(contestant, fold, false); }));
      if (std::ranges::find(kLeaning, contestant.model) == kLeaning.end()) continue;
      auto alone = contestant;
      alone.params["lean"] = 0;
      ZY_CHECK_OK(add(contestant.model + "_alone", [&](const Fold& fold) { return registered(alone, fold, false); }));
      if (contestant.model != "ials") continue;
      ZY_CHECK_OK(add("ials_filled", [&](const Fold& fold) { return registered(alone, fold, true); }));
    }
    if (!side.users.empty()) {
      ZY_CHECK_OK(add("fm", [&](const Fold& fold) { return factorisation_machine({}, fold); }));
      ZY_CHECK_OK(add("fm_side", [&](const Fold& fold) { return factorisation_machine(side, fold); }));
    }
    for (std::size_t l = 0; l < kLengths.size(); ++l) {
      for (auto& row : rows_[l]) table_.rows.push_back(std::move(row));
      for (const auto& [model, reference] :
           {std::pair("ials", "pop"), std::pair("ials", "ials_alone"), std::pair("ials_filled", "ials_alone"),
            std::pair("ease", "pop"), std::pair("ease", "ease_alone"), std::pair("spectral", "pop"),
            std::pair("spectral", "spectral_alone"), std::pair("fm_side", "fm"), std::pair("fm_side", "pop")})
        compare(l, model, reference);
    }
    return {};
  }

 private:
  [[nodiscard]] Result<Trained> registered(const Contestant& contestant, const Fold& fold, bool fill) const {
    const auto interactions = matrix_of(fold.learned, data_.ids.items.size());
    ZY_TRY(auto fitted,
           fit(contestant.model, contestant.params, {.interactions = interactions}, options_.seed, options_.threads));
    const std::shared_ptr<const Model> model = std::move(fitted.model);
    return Trained{.score =
                       [model, fill](UserIndex, const History& history, std::span<float> scores) {
                         const bool guess = fill && !history.items.empty();
                         model->score(guess ? filled(history, *model, kFilling) : history, scores);
                       },
                   .params = model->params(),
                   .cost = fitted.cost};
  }

  [[nodiscard]] Result<Trained> factorisation_machine(const SideInformation& side, const Fold& fold) const {
    const Meter meter;
    ZY_TRY(auto trained, FmRecommender::train(fold.learned, data_.ids.items.size(), side, options_.seed));
    const auto cost = meter.stop();
    const auto fm = std::make_shared<const FmRecommender>(std::move(trained));
    return Trained{.score = [fm](UserIndex user, const History& history,
                                 std::span<float> scores) { fm->score(user, history, scores); },
                   .params = fm->params(),
                   .cost = cost};
  }

  // One row a length: users' values of all folds together, coverage and costs as means over folds.
  Result<void> add(const std::string& name, const Training& train) {
    Row blank{.block = {}, .data = data_.name, .split_sha256 = hash_, .model = name, .params = {}};
    std::array<std::vector<std::vector<double>>, kLengths.size()> per_user;
    std::array<std::vector<double>, kLengths.size()> means;
    const auto share = 1 / static_cast<double>(folds_.size());
    for (auto& values : per_user) values.resize(metrics_.size());
    for (auto& values : means) values.resize(metrics_.size());
    for (std::size_t f = 0; f < folds_.size(); ++f) {
      options_.on_progress(fmt::format("{}, users, {}", data_.name, name), f, folds_.size());
      const auto& fold = folds_[f];
      ZY_TRY(const auto trained, train(fold));
      blank.params = trained.params;
      blank.train_s += share * trained.cost.wall_s;
      blank.cpu_s += share * trained.cost.cpu_s;
      blank.peak_rss_mib = std::max(blank.peak_rss_mib, trained.cost.peak_rss_mib);
      for (std::size_t l = 0; l < kLengths.size(); ++l) {
        const auto& cases = fold.cases[l];
        const auto items = data_.ids.items.size();
        const auto score = [&](std::size_t which, std::span<float> scores) {
          trained.score(fold.users[which], cases[which].history, scores);
        };
        const auto found = scores_of_lists(ranked_lists(score, items, cases, metrics_.front().k, options_.threads),
                                           items, cases, metrics_);
        for (std::size_t m = 0; m < metrics_.size(); ++m) {
          means[l][m] += share * found.means[m];
          per_user[l][m].insert(per_user[l][m].end(), found.per_user[m].begin(), found.per_user[m].end());
        }
      }
    }
    for (std::size_t l = 0; l < kLengths.size(); ++l) {
      auto& row = rows_[l].emplace_back(blank);
      row.block = block_of(data_, kLengths[l]);
      for (std::size_t m = 0; m < metrics_.size(); ++m) {
        row.metrics.emplace_back(metrics_[m].text(), means[l][m]);
        if (metrics_[m].per_user())
          row.ci95.emplace_back(metrics_[m].text(), bootstrap_mean(per_user[l][m], options_.seed));
      }
      values_[l][name] = std::move(per_user[l]);
    }
    return {};
  }

  void compare(std::size_t length, const std::string& model, const std::string& reference) {
    const auto& all = values_[length];
    if (!all.contains(model) || !all.contains(reference)) return;
    add_differences(table_, block_of(data_, kLengths[length]) + ".", model, reference, metrics_, all.at(model),
                    all.at(reference));
  }

  const T1Data& data_;
  const ColdOptions& options_;
  Table& table_;
  std::vector<MetricKey> metrics_;
  std::string hash_;
  std::vector<Fold> folds_;
  std::array<std::vector<Row>, kLengths.size()> rows_;
  std::array<std::map<std::string, std::vector<std::vector<double>>>, kLengths.size()> values_;  // by row, metric, user
};

}  // namespace

Result<void> add_cold_users(const T1Data& data, const SideInformation& side, std::span<const Contestant> contestants,
                            const ColdOptions& options, Table& table) {
  return UserCurve(data, options, table).run(contestants, side);
}

}  // namespace zhiyin
