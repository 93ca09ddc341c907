// `zhiyin tune`: a model's settings, chosen on a home's own behaviour or on files, in a search that can go on later.
//
// Validation is held out of what is there: the last event of each user, or a tenth of each row at random. Trials are
// lines of JSON in a file named after model, data, metric and seed; a later call on the same goes on from them. New
// behaviour is new data: its search starts anew, for values of different data say nothing of each other.
#pragma once

#include <filesystem>
#include <string>

#include "learn/eval/held_out.h"
#include "learn/eval/tuning.h"
#include "learn/training_set.h"

namespace zhiyin {

enum class Validation { kLast, kTenth };

// What a home's people did; `features` may have dim 0. sha256 is of who touched what, in order.
HeldOut tuning_data(const TrainingSet& set, ItemFeatures features, Validation validation, std::uint64_t seed);

// Files as read_pairs() takes them; `valid` may be empty.
Result<HeldOut> tuning_data(const std::filesystem::path& train, const std::filesystem::path& valid,
                            Validation validation, std::uint64_t seed);

struct TuneReport {
  Tuned tuned;
  int earlier = 0;               // trials that were there already
  double defaults = 0;           // what the defaults reach, to be compared with; NaN where they could not be trained
  std::filesystem::path trials;  // the file
};

// `options.earlier` and on_done are set here. Errors: an unknown model, nobody to validate on, a file of trials that
// cannot be read (file and line are named) or written.
Result<TuneReport> tune_model(std::string_view model, const HeldOut& data, const std::filesystem::path& runs,
                              TuningOptions options);

// RUNS/best.json: {MODEL: {"params","metric","value","trials","data"}}, what `zhiyin train --tuned` reads.
Result<void> keep_best(const std::filesystem::path& runs, std::string_view model, const Tuned& tuned, MetricKey metric,
                       const std::string& data_sha256);
// No file: no models. An error where the file is no such JSON.
Result<ModelParams> read_best(const std::filesystem::path& runs);

}  // namespace zhiyin
