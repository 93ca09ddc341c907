// What became of each training, kept so that trainings can be compared:
//   HOME/runs/SNAPSHOT-MODEL/run.json      model, snapshot, seed, threads, params, seconds, metrics, error
//                            log.jsonl     a line an epoch: {"epoch","epochs","loss","seconds"}
//                            events.out.tfevents.TIME.zhiyin   the same for TensorBoard (learn/event_file.h)
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "match/params.h"

namespace zhiyin {

struct RunPlan {
  std::string snapshot;
  std::string model;
  std::uint64_t seed = 42;
  int threads = 1;
};

// One training, from before it begins. A run that cannot be written down is a warning, never the end of a training.
// Confined to one thread.
class RunLog {
 public:
  RunLog(const std::filesystem::path& home, RunPlan plan);

  // A loss that is NaN is one that the model does not have: nothing is written.
  void epoch(int epoch, int epochs, double loss);
  // `error` is empty where the model was trained. metrics: loss (the last) and epochs, where there were any.
  void finish(const Params& params, double seconds, const std::string& error);

 private:
  std::filesystem::path folder_;
  RunPlan plan_;
  std::ofstream log_;
  std::ofstream events_;
  Stopwatch clock_;
  int epochs_ = 0;
  double loss_ = 0;
};

struct Run {
  std::string id;  // the folder's name
  std::string model;
  Params params;
  std::vector<std::pair<std::string, double>> metrics;
  double seconds = 0;
  std::string error;
  std::vector<std::pair<int, double>> curve;  // loss by epoch
};

// In the order of their ids, so oldest first; a run that never ended is left out. Errors name the file at fault.
Result<std::vector<Run>> read_runs(const std::filesystem::path& home);

Json to_json(const Run& run);

}  // namespace zhiyin
