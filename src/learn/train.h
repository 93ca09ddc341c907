// `zhiyin train`: from the catalogue and the log to a published snapshot.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "feed/snapshot/snapshot.h"
#include "learn/foreign_tower.h"
#include "learn/training_set.h"
#include "match/model.h"
#include "state/bus/event_log.h"
#include "state/store/store.h"

namespace zhiyin {

struct TrainOptions {
  std::vector<std::string> models = {"pop", "itemknn", "ials", "content_blend"};
  std::map<std::string, Params> params;  // by model; defaults otherwise
  std::string recommender;               // who makes the collaborative candidates; empty: the data choose
  TowerOptions tower;                    // of the model `tower`
  EventMeaning events;                   // what counts as liked
  std::string ranker = "auto";  // who orders what the feed finds (learn/train_ranker.h): auto, none, or a ranker's name
  std::filesystem::path ranking_rows;  // where the rows it learns from are written; empty: nowhere
  bool learned_fusion = false;         // lay a learned fusion over the base line, for what is similar and for search
  float masked_fusion = 3;             // weight of the learned fusion's masked question (learn/train_fusion.h)
  bool publish = true;                 // else the snapshot is written and does not serve
  int threads = 1;
  std::uint64_t seed = 42;
};

struct TrainedModel {
  std::string name;
  double seconds = 0;
  std::string skipped;  // why it was left out, if it was
};

struct TrainReport {
  std::string snapshot;
  std::string recommender;         // empty where none was trained that could
  std::string recommender_reason;  // in a sentence (learn/choose_recommender.h)
  std::string ranker;              // empty: the quotas order the feed
  std::string ranker_reason;
  std::size_t users = 0;
  std::size_t items = 0;
  std::size_t positives = 0;
  std::vector<TrainedModel> models;
};

// What content models see of each item; dim 0 where nothing has been understood.
ItemFeatures training_features(const TrainingSet& set);

// Trains and publishes into home. A model whose data is missing (no behaviour yet, nothing understood) is left out
// with the reason; an unknown model name is an error, and so is a recommender that is not
// among the models or could not be trained. A home with content and no behaviour gets a snapshot as well.
Result<TrainReport> train(const std::filesystem::path& home, const Store& store, const EventLog& log,
                          const Clock& clock, const TrainOptions& options);

}  // namespace zhiyin
