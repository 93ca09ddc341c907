// A trained model asked for a ranked list by every held-out user, and how good those lists are. Full ranking: every
// item of the catalogue competes, but those masked for the user.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/measure/machine.h"
#include "base/measure/metrics.h"
#include "match/model.h"

namespace zhiyin {

// One held-out user: what the model may know, what must not be recommended, what should be. Both lists ascending;
// relevant is not empty.
struct RankingCase {
  History history;
  std::vector<ItemIndex> masked;
  std::vector<ItemIndex> relevant;
};

struct RankingScores {
  std::vector<std::vector<double>> per_user;  // by metric, then by case; empty for metrics that are not per user
  std::vector<double> means;                  // by metric
};

using RankedLists = std::vector<std::vector<ItemIndex>>;  // by case, best first

// Writes the score of every item for one of the cases, by its number. Called from several threads at once.
using CaseScorer = std::function<void(std::size_t which, std::span<float> scores)>;

// The best `longest` of `items` for each case, what is masked left out; and how good such lists are.
RankedLists ranked_lists(const CaseScorer& score, std::size_t items, std::span<const RankingCase> cases,
                         std::size_t longest, int threads);
RankingScores scores_of_lists(const RankedLists& lists, std::size_t items, std::span<const RankingCase> cases,
                              std::span<const MetricKey> metrics);

RankingScores rank_all(const Model& model, std::span<const RankingCase> cases, std::span<const MetricKey> metrics,
                       int threads);

// The same where only `items` compete: masked and relevant are positions among them, coverage is of them; histories are
// items as ever.
RankingScores rank_among(const Model& model, std::span<const ItemIndex> items, std::span<const RankingCase> cases,
                         std::span<const MetricKey> metrics, int threads);

// Training, with its cost.
struct Fit {
  std::unique_ptr<Model> model;
  Meter::Cost cost;
};
Result<Fit> fit(std::string_view model, const Params& params, const TrainingData& data, std::uint64_t seed,
                int threads);

// Settings fixed by hand, by model.
using ModelParams = std::map<std::string, Params, std::less<>>;

// Before any work: every model is known, and so is every setting. An error names what is not, and the nearest that is.
Result<void> check_models(std::span<const std::string> models, const ModelParams& params);

// An error where settings are given for a model that this table does not have; it names the nearest.
Result<void> check_params(std::span<const std::string> models, const ModelParams& params);

// For tables whose models are fixed: an error where `models` names one that `known` does not have.
Result<void> check_in_table(std::span<const std::string> models, std::span<const std::string> known);

}  // namespace zhiyin
