#include "learn/train.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "base/progress.h"
#include "learn/behaviour.h"
#include "learn/choose_recommender.h"
#include "learn/runs.h"
#include "learn/train_fusion.h"
#include "learn/train_ranker.h"
#include "learn/training_set.h"
#include "match/factors/ials.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

// The one that was asked for, or the one that the data choose.
Result<RecommenderChoice> recommender_of(const Snapshot& snapshot, const TrainingData& data,
                                         const TrainOptions& options) {
  if (!options.recommender.empty()) {
    if (snapshot.model(options.recommender) != nullptr)
      return RecommenderChoice{options.recommender, fmt::format("{}: as was asked", options.recommender)};
    return invalid(
        fmt::format("{} is to recommend and could not be trained; the warning above says why", options.recommender),
        "recommender");
  }
  std::vector<std::string> trained;
  for (const auto& [name, model] : snapshot.models) trained.push_back(name);
  return choose_recommender(trained, data,
                            {.params = options.params, .seed = options.seed, .threads = options.threads});
}

// None, or the best of those that may be it.
Result<RankerChoice> ranker_of(const Store& store, const EventLog& log, const TrainingSet& set,
                               const TrainingData& data, const Snapshot& snapshot, const TrainOptions& options) {
  if (options.ranker == "none") return RankerChoice{{}, "the quotas: as was asked"};
  RankerOptions ranking{
      .events = options.events, .rows = options.ranking_rows, .seed = options.seed, .threads = options.threads};
  if (options.ranker != "auto") {
    ranking.rankers = {options.ranker};
    ranking.always = true;
  }
  if (const auto given = options.params.find(snapshot.recommender); given != options.params.end())
    ranking.recommender = given->second;
  return train_ranker(store, log, set, data, snapshot, ranking);
}

std::optional<FusionModel> fit_fusion(const TrainingSet& set) {
  const bool understood = std::ranges::any_of(set.modalities, [](const auto& vectors) { return !vectors.empty(); });
  return understood ? std::optional(FusionModel::fit(set.modalities)) : std::nullopt;
}

// Models of content look at the base line, whose blocks they tell apart and whiten, whatever fusion finds what is
// similar. Its weights are for cosines that are not whitened, so blocks count here as before anything is learned.
ItemFeatures fuse_all(const std::optional<FusionModel>& fusion, const TrainingSet& set) {
  ItemFeatures features;
  if (!fusion) return features;
  for (const auto& block : fusion->blocks()) {
    features.dim += block.dim;
    const Whitening whitening{.weight = std::sqrt(prior_weight(block.encoder))};
    features.blocks.push_back({.dim = block.dim, .neighbours = whitening, .kernel = whitening});
  }
  features.rows.reserve(set.items.size() * features.dim);
  for (const auto& vectors : set.modalities) {
    const auto row = fusion->base_line(vectors);
    features.rows.insert(features.rows.end(), row.begin(), row.end());
  }
  return features;
}

void learn_fusion(Snapshot& snapshot, const ItemFeatures& blocks, const TrainOptions& options) {
  ItemFeatures behaviour;
  if (const auto* ials = dynamic_cast<const Ials*>(snapshot.model("ials")))
    behaviour = collaborative_vectors(ials->item_factors());
  const Stopwatch watch;
  snapshot.fusion->learn(train_fusion(snapshot.fusion->places(), blocks, behaviour.dim == 0 ? nullptr : &behaviour,
                                      {.masked = options.masked_fusion, .seed = options.seed}));
  log_info("fusion learned{} in {:.1f} s", behaviour.dim == 0 ? "" : " with behaviour", watch.seconds());
}

}  // namespace

ItemFeatures training_features(const TrainingSet& set) { return fuse_all(fit_fusion(set), set); }

Result<TrainReport> train(const std::filesystem::path& home, const Store& store, const EventLog& log,
                          const Clock& clock, const TrainOptions& options) {
  if (!options.recommender.empty() && std::ranges::find(options.models, options.recommender) == options.models.end()) {
    return invalid(fmt::format("{} is to recommend and is not among the models to train: {}", options.recommender,
                               fmt::join(options.models, ", ")),
                   "recommender");
  }
  ZY_TRY(const auto set, read_training_set(store, log, options.events));
  if (set.items.empty())
    return invalid("the catalogue is empty: import something first (`zhiyin import`, `zhiyin scan`)");

  Snapshot snapshot;
  snapshot.created = clock.now();
  snapshot.offset = set.offset;
  snapshot.id = unused_snapshot_id(
      home,
      fmt::format("{:%Y%m%dT%H%M%S}-{:010}", fmt::gmtime(static_cast<std::time_t>(snapshot.created)), set.offset));
  snapshot.items = set.items;
  snapshot.fusion = fit_fusion(set);
  const auto features = fuse_all(snapshot.fusion, set);
  std::optional<ForeignTower> tower;
  if (std::ranges::find(options.models, "tower") != options.models.end()) {
    ZY_TRY(tower, read_foreign_tower(home, options.tower, set.items));
  }
  const TrainingData data{set.positives, snapshot.fusion ? &features : nullptr, tower ? &*tower : nullptr};

  TrainReport report{
      .snapshot = snapshot.id, .users = set.users.size(), .items = set.items.size(), .positives = set.positives.size()};
  for (const auto& name : options.models) {
    const auto given = options.params.find(name);
    ZY_TRY(auto model, make_model(name, given == options.params.end() ? Params{} : given->second));
    RunLog run(home, {snapshot.id, name, options.seed, options.threads});
    TrainContext context{options.seed, options.threads, [&](int epoch, int epochs, double loss) {
                           run.epoch(epoch, epochs, loss);
                           if (!std::isnan(loss)) log_info("{}: epoch {}/{}, loss {:.6g}", name, epoch, epochs, loss);
                         }};
    const Stopwatch watch;
    auto trained = model->train(data, context);
    report.models.push_back({name, watch.seconds(), trained.ok() ? "" : trained.error().message});
    run.finish(model->params(), report.models.back().seconds, report.models.back().skipped);
    if (trained.ok()) {
      snapshot.models.emplace(name, std::move(model));
    } else {
      log_warning("{} is left out: {}", name, trained.error().message);
    }
  }
  if (options.learned_fusion && snapshot.fusion) learn_fusion(snapshot, features, options);
  ZY_TRY(const auto choice, recommender_of(snapshot, data, options));
  snapshot.recommender = report.recommender = choice.model;
  snapshot.recommender_reason = report.recommender_reason = choice.reason;
  ZY_TRY(auto ranking, ranker_of(store, log, set, data, snapshot, options));
  snapshot.ranker = std::move(ranking.ranker);
  snapshot.ranker_reason = report.ranker_reason = ranking.reason;
  if (snapshot.ranker) report.ranker = snapshot.ranker->ranker().name();
  ZY_CHECK_OK(save_snapshot(home, snapshot, options.publish ? Publish::kYes : Publish::kNo));
  return report;
}

}  // namespace zhiyin
