#include "learn/eval/t4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "base/file.h"
#include "base/measure/kendall.h"
#include "base/measure/sampled_rank.h"
#include "base/random.h"
#include "base/threads.h"
#include "learn/eval/leave_last.h"

namespace zhiyin {
namespace {

constexpr std::size_t kNegatives = 99;
constexpr std::size_t kDraws = 5;
constexpr double kTradeOff = 0.01;  // of bias and variance; the smaller of the two that the paper looks at
constexpr std::array kMetrics{MetricKey{RankingMetric::kHitRate, 10}, MetricKey{RankingMetric::kNdcg, 10}};
constexpr std::array<std::string_view, 3> kBlocks{"main", "sampled", "corrected"};

std::vector<Contestant> contestants() {
  return {{"pop"},
          {"itemknn", {{"bm25", 1}, {"neighbours", 262}, {"shrink", 2.66}, {"recency", 2.05}}},
          {"ease", {{"lambda", 536}, {"dropout", 0.0181}, {"recency", 6.29}}},
          {"ials", {{"factors", 158}, {"alpha0", 1}, {"strength", 7.84}, {"epochs", 11.1}}},
          {"markov"}};
}

double metric_at(MetricKey key, std::size_t rank) {
  if (rank > key.k) return 0;
  return key.metric == RankingMetric::kNdcg ? 1 / std::log2(static_cast<double>(rank) + 1) : 1;
}

// Who competes with the right answer, by case and draw.
using Negatives = std::vector<std::array<std::vector<ItemIndex>, kDraws>>;

std::vector<ItemIndex> untouched(const RankingCase& one, std::size_t items) {
  std::vector<ItemIndex> all(items);
  std::iota(all.begin(), all.end(), 0U);
  std::erase_if(all, [&](ItemIndex item) {
    return item == one.relevant.front() || std::ranges::binary_search(one.masked, item);
  });
  return all;
}

Negatives draw(const HeldOut& data, std::uint64_t seed) {
  Negatives negatives(data.test.size());
  for (std::size_t c = 0; c < data.test.size(); ++c) {
    auto all = untouched(data.test[c], data.train.items());
    Random random(seed, c);
    for (auto& drawn : negatives[c]) {
      const auto count = std::min(kNegatives, all.size());
      for (std::size_t n = 0; n < count; ++n)  // the front of a shuffle, as far as it is needed
        std::swap(all[n], all[n + random.below(static_cast<std::uint32_t>(all.size() - n))]);
      drawn.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
    }
  }
  return negatives;
}

std::string hash_of(const HeldOut& data, const Negatives& negatives) {
  std::string text = data.sha256 + "\n";
  for (const auto& of_case : negatives) {
    for (const auto& drawn : of_case) {
      for (const auto item : drawn) text += fmt::format("{} ", item);
      text += '\n';
    }
  }
  return sha256_hex(text);
}

// What a sampled rank is worth, by the number of items that a user has not touched (with the right answer).
using Corrections = std::map<std::size_t, std::array<std::vector<double>, kMetrics.size()>>;

Corrections corrections(const HeldOut& data, int threads) {
  Corrections tables;
  for (const auto& one : data.test) tables[data.train.items() - one.masked.size()];
  std::vector<Corrections::value_type*> entries;
  for (auto& entry : tables) entries.push_back(&entry);
  parallel_for(entries.size(), 1, threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto e = begin; e < end; ++e) {
      auto& [candidates, table] = *entries[e];
      for (std::size_t m = 0; m < kMetrics.size(); ++m) {
        std::vector<double> full(candidates);
        for (std::size_t rank = 1; rank <= candidates; ++rank) full[rank - 1] = metric_at(kMetrics[m], rank);
        table[m] = corrected_metric(full, std::min(kNegatives, candidates - 1), kTradeOff);
      }
    }
  });
  return tables;
}

// By block, metric and case.
using Values = std::array<std::array<std::vector<double>, kMetrics.size()>, kBlocks.size()>;

Values ask(const Model& model, const HeldOut& data, const Negatives& negatives, const Corrections& tables,
           int threads) {
  Values values;
  for (auto& block : values) block.fill(std::vector<double>(data.test.size(), 0.0));
  parallel_for(data.test.size(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> scores(model.items());
    for (auto c = begin; c < end; ++c) {
      const auto& one = data.test[c];
      model.score(one.history, scores);
      const auto right = one.relevant.front();
      // As top_k() orders: equal scores by the lower item, and what has no number never comes.
      const auto beats = [&](ItemIndex item) {
        return scores[item] > scores[right] || (scores[item] == scores[right] && item < right) ||
               (std::isnan(scores[right]) && !std::isnan(scores[item]));
      };
      const auto rank_among = [&](const std::vector<ItemIndex>& items) {
        return 1 + static_cast<std::size_t>(std::ranges::count_if(items, beats));
      };
      const auto full = rank_among(untouched(one, data.train.items()));
      const auto& table = tables.at(data.train.items() - one.masked.size());
      for (std::size_t m = 0; m < kMetrics.size(); ++m) values[0][m][c] = metric_at(kMetrics[m], full);
      for (const auto& drawn : negatives[c]) {
        const auto rank = rank_among(drawn);
        for (std::size_t m = 0; m < kMetrics.size(); ++m) {
          values[1][m][c] += metric_at(kMetrics[m], rank) / kDraws;
          values[2][m][c] += table[m][rank - 1] / kDraws;
        }
      }
    }
  });
  return values;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// How the other blocks' orders and values stand to those of full ranking.
void compare(const std::vector<Values>& models, Table& table) {
  for (std::size_t m = 0; m < kMetrics.size(); ++m) {
    std::array<std::vector<double>, kBlocks.size()> means;
    for (const auto& values : models) {
      for (std::size_t b = 0; b < kBlocks.size(); ++b) means[b].push_back(mean(values[b][m]));
    }
    for (std::size_t b = 1; b < kBlocks.size(); ++b) {
      const auto key = kMetrics[m].text();
      double error = 0;
      for (std::size_t i = 0; i < models.size(); ++i) error += std::abs(means[b][i] - means[0][i]);
      table.results.emplace_back(b == 1 ? "tau." + key : "corrected.tau." + key, kendall_tau(means[0], means[b]));
      table.results.emplace_back(fmt::format("{}.error.{}", kBlocks[b], key),
                                 error / static_cast<double>(models.size()));
    }
  }
}

}  // namespace

Result<Table> evaluate_t4(const T4Options& options) {
  ZY_TRY(const auto who, named(contestants(), options.models));
  ZY_TRY(const auto data, read_sequences(options.data));
  const auto last = leave_last(data, 1);
  if (last.test.empty()) return invalid("t4: nobody has two events: there is no last one to ask for");
  const auto negatives = draw(last, options.seed);
  const auto tables = corrections(last, options.threads);
  const auto drawn_sha256 = hash_of(last, negatives);

  Table table{.name = "t4", .seed = options.seed, .machine = this_machine(options.threads)};
  table.results = {{"users", last.test.size()}, {"items", data.items()}, {"negatives", kNegatives}, {"draws", kDraws}};
  std::vector<Values> outcomes;
  std::vector<Row> rows;
  for (std::size_t i = 0; i < who.size(); ++i) {
    options.on_progress(who[i].model, i, who.size());
    ZY_TRY(const auto fitted,
           fit(who[i].model, who[i].params, {.interactions = last.train}, options.seed, options.threads).in("t4"));
    outcomes.push_back(ask(*fitted.model, last, negatives, tables, options.threads));
    rows.push_back({.data = last.data,
                    .model = who[i].model,
                    .params = fitted.model->params(),
                    .train_s = fitted.cost.wall_s,
                    .cpu_s = fitted.cost.cpu_s,
                    .peak_rss_mib = fitted.cost.peak_rss_mib});
  }
  compare(outcomes, table);
  const auto reference = std::ranges::find(rows, "ials", &Row::model);
  for (std::size_t b = 0; b < kBlocks.size(); ++b) {
    const auto per_user = [&](std::size_t i) {
      return std::vector<std::vector<double>>(outcomes[i][b].begin(), outcomes[i][b].end());
    };
    const auto prefix = b == 0 ? std::string{} : std::string(kBlocks[b]) + ".";
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto row = rows[i];
      row.block = kBlocks[b];
      row.split_sha256 = b == 0 ? last.sha256 : drawn_sha256;
      for (std::size_t m = 0; m < kMetrics.size(); ++m) {
        row.metrics.emplace_back(kMetrics[m].text(), mean(outcomes[i][b][m]));
        row.ci95.emplace_back(kMetrics[m].text(), bootstrap_mean(outcomes[i][b][m], options.seed));
      }
      table.rows.push_back(std::move(row));
      if (reference != rows.end() && rows[i].model != "ials")
        add_differences(table, prefix, rows[i].model, "ials", kMetrics, per_user(i),
                        per_user(static_cast<std::size_t>(reference - rows.begin())));
    }
  }
  return table;
}

}  // namespace zhiyin
