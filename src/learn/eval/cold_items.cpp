#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "learn/eval/cold_parts.h"
#include "learn/filling.h"

namespace zhiyin {
namespace {

constexpr std::size_t kTop = 20;
constexpr MetricKey kRecall{RankingMetric::kRecall, kTop};
constexpr MetricKey kNdcg{RankingMetric::kNdcg, kTop};
constexpr MetricKey kCoverage{RankingMetric::kCoverage, kTop};
constexpr FillingOptions kFilling{};

// A row's name, and the data that its model learns from.
struct Learner {
  std::string name;
  Contestant contestant;
  std::string filled_by = {};  // a model; empty: nothing is filled
  bool items = false;          // that sparse items are filled, not users
};

std::vector<Learner> learners_of(std::span<const Contestant> contestants, bool features) {
  std::vector<Learner> all;
  for (const auto& contestant : contestants) {
    all.push_back({contestant.model, contestant});
    if (contestant.model != "ials") continue;
    all.push_back({"ials_filled_users", contestant, "spectral"});
    all.push_back({"ials_filled_items", contestant, "spectral", true});
    if (features) all.push_back({"ials_filled_content", contestant, "content_blend", true});
  }
  return all;
}

class ItemSlices {
 public:
  ItemSlices(const HeldOut& data, const ColdOptions& options, Table& table)
      : data_(data), options_(options), table_(table), slices_(item_slices(data.train.item_counts())) {
    for (const auto& slice : slices_) {
      cases_.push_back(cases_of_slice(data_.test, slice));
      table_.results.emplace_back(block_of(slice) + ".items", slice.items.size());
      table_.results.emplace_back(block_of(slice) + ".events", count_events(cases_.back().of_all));
    }
    rows_.resize(slices_.size());
  }

  Result<void> run(std::span<const Contestant> contestants) {
    const auto learners = learners_of(contestants, features() != nullptr);
    for (std::size_t l = 0; l < learners.size(); ++l) {
      options_.on_progress(fmt::format("{}, items, {}", data_.data, learners[l].name), l, learners.size());
      ZY_CHECK_OK(add(learners[l]));
    }
    for (auto& rows : rows_) {
      for (auto& row : rows) table_.rows.push_back(std::move(row));
    }
    for (const auto& [name, scores] : of_all_) {
      if (name.starts_with("ials_filled"))
        add_differences(table_, block_of(slices_.back()) + ".", name, "ials", kAllMetrics, scores.per_user,
                        of_all_.at("ials").per_user);
    }
    return {};
  }

 private:
  static constexpr std::array<MetricKey, 3> kAllMetrics = {kRecall, kNdcg, kCoverage};

  [[nodiscard]] const ItemFeatures* features() const { return data_.features.dim > 0 ? &data_.features : nullptr; }
  [[nodiscard]] std::string block_of(const ItemSlice& slice) const {
    return fmt::format("{}_items-{}", data_.data, slice.name);
  }
  [[nodiscard]] TrainingData training(const Interactions& interactions) const { return {interactions, features()}; }

  [[nodiscard]] Result<Interactions> filled_data(const Learner& learner) const {
    ZY_TRY(const auto sure, fit(learner.filled_by, {}, training(data_.train), options_.seed, options_.threads));
    return learner.items ? fill_items(data_.train, *sure.model, kFilling, options_.threads)
                         : fill_users(data_.train, *sure.model, kFilling, options_.threads);
  }

  Result<void> add(const Learner& learner) {
    Interactions more;
    if (!learner.filled_by.empty()) {
      ZY_TRY(more, filled_data(learner));
    }
    const auto& [model, params, tune] = learner.contestant;
    ZY_TRY(const auto fitted, fit(model, params, training(learner.filled_by.empty() ? data_.train : more),
                                  options_.seed, options_.threads));
    const auto score = [&](std::size_t which, std::span<float> scores) {
      fitted.model->score(data_.test[which].history, scores);
    };
    const auto lists = ranked_lists(score, data_.train.items(), data_.test, kTop, options_.threads);
    for (std::size_t s = 0; s < slices_.size(); ++s) {
      const auto& cases = cases_[s];
      if (cases.which.empty()) continue;
      auto& row = rows_[s].emplace_back(Row{.block = block_of(slices_[s]),
                                            .data = data_.data,
                                            .split_sha256 = data_.sha256,
                                            .model = learner.name,
                                            .params = fitted.model->params(),
                                            .metrics = {},
                                            .ci95 = {},
                                            .train_s = fitted.cost.wall_s,
                                            .cpu_s = fitted.cost.cpu_s,
                                            .peak_rss_mib = fitted.cost.peak_rss_mib});
      RankedLists own;
      for (const auto which : cases.which) own.push_back(lists[which]);
      if (s + 1 == slices_.size()) {  // everything
        auto found = scores_of_lists(own, data_.train.items(), cases.of_all, kAllMetrics);
        put(row, found, kAllMetrics, "");
        of_all_[learner.name] = std::move(found);
        continue;
      }
      constexpr std::array<MetricKey, 2> kWithin = {kRecall, kCoverage};
      put(row, rank_among(*fitted.model, slices_[s].items, cases.within, kWithin, options_.threads), kWithin, "");
      auto found = scores_of_lists(own, data_.train.items(), cases.of_all, kWithin);
      found.means[1] = coverage_of_slice(lists, kTop, slices_[s]);
      put(row, found, kWithin, "_of_all");
    }
    return {};
  }

  void put(Row& row, const RankingScores& found, std::span<const MetricKey> metrics, std::string_view suffix) const {
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      const auto name = metrics[m].text() + std::string(suffix);
      row.metrics.emplace_back(name, found.means[m]);
      if (metrics[m].per_user()) row.ci95.emplace_back(name, bootstrap_mean(found.per_user[m], options_.seed));
    }
  }

  const HeldOut& data_;
  const ColdOptions& options_;
  Table& table_;
  std::vector<ItemSlice> slices_;
  std::vector<SliceCases> cases_;       // by slice
  std::vector<std::vector<Row>> rows_;  // by slice
  std::map<std::string, RankingScores> of_all_;
};

}  // namespace

std::vector<ItemSlice> item_slices(std::span<const std::uint32_t> counts) {
  struct Bounds {
    std::string_view name;
    std::uint32_t low;
    std::uint32_t high;
  };
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  constexpr std::array<Bounds, 6> kSlices = {
      {{"0", 0, 0}, {"1-2", 1, 2}, {"3-5", 3, 5}, {"6-10", 6, 10}, {"11+", 11, kMost}, {"all", 0, kMost}}};
  std::vector<ItemSlice> slices;
  for (const auto& [name, low, high] : kSlices) {
    auto& slice = slices.emplace_back(ItemSlice{std::string(name), {}});
    for (ItemIndex item = 0; item < counts.size(); ++item) {
      if (counts[item] >= low && counts[item] <= high) slice.items.push_back(item);
    }
  }
  return slices;
}

SliceCases cases_of_slice(std::span<const RankingCase> cases, const ItemSlice& slice) {
  // Both ascending, so the positions come ascending too.
  const auto in_slice = [&](std::span<const ItemIndex> items, bool positions) {
    std::vector<ItemIndex> kept;
    for (const auto item : items) {
      const auto at = std::ranges::lower_bound(slice.items, item);
      if (at == slice.items.end() || *at != item) continue;
      kept.push_back(positions ? static_cast<ItemIndex>(at - slice.items.begin()) : item);
    }
    return kept;
  };
  SliceCases found;
  for (std::size_t which = 0; which < cases.size(); ++which) {
    const auto& one = cases[which];
    auto relevant = in_slice(one.relevant, false);
    if (relevant.empty()) continue;
    found.which.push_back(which);
    found.within.push_back({one.history, in_slice(one.masked, true), in_slice(one.relevant, true)});
    found.of_all.push_back({one.history, one.masked, std::move(relevant)});
  }
  return found;
}

double coverage_of_slice(const RankedLists& lists, std::size_t k, const ItemSlice& slice) {
  std::vector<ItemIndex> shown;
  for (const auto& list : lists) shown.insert(shown.end(), list.begin(), list.begin() + std::min(k, list.size()));
  std::ranges::sort(shown);
  shown.erase(std::ranges::unique(shown).begin(), shown.end());
  const auto covered =
      std::ranges::count_if(slice.items, [&](ItemIndex item) { return std::ranges::binary_search(shown, item); });
  return static_cast<double>(covered) / static_cast<double>(slice.items.size());
}

Result<void> add_cold_items(const HeldOut& data, std::span<const Contestant> contestants, const ColdOptions& options,
                            Table& table) {
  if (data.test.empty()) return invalid(data.data + ": nobody is asked for anything");
  return ItemSlices(data, options, table).run(contestants);
}

}  // namespace zhiyin
