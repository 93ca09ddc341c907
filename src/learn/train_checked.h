// Training that publishes only what is not worse than what serves.
//
// The newest fifth of the events since the serving snapshot is the slice to compare by. The models of the new snapshot
// are trained on everything; the one that would recommend is trained once more without the slice, and it and the
// serving one, as it was trained, are asked by every user (at most 2000, evenly spread) for what he came to like in the
// slice, from what he liked before it:
//
//   recall@20 = hits / min(20, liked in the slice),   published unless mean(new) < mean(old) - max(tolerance mean(old),
//                                                                                                 standard error)
//
// where the error is that of the paired difference over users. What serves has not learned the events between its own
// training and the slice; that is what a new training is for. With fewer than `enough_users` to ask, what is new is
// published unseen, and the reason says so.
#pragma once

#include "learn/train.h"

namespace zhiyin {

struct CheckedOptions {
  TrainOptions train;       // models: empty for those of the serving snapshot, with its settings
  double tolerance = 0.02;  // share of the serving recall that may be lost
  std::size_t enough_users = 20;
  std::size_t most_users = 2000;
};

struct Decision {
  UnixSeconds time = 0;
  std::string serving;  // the snapshot that served before; may be empty
  std::string trained;  // the new one; empty where nothing was trained
  bool published = false;
  std::string reason;     // in a sentence
  std::size_t users = 0;  // that were asked
  double serving_recall20 = 0;
  double trained_recall20 = 0;
  double standard_error = 0;
};

// A learned fusion is learned again where what served had one. What is new is never compressed: the decision's reason
// says so where what served was.
//
// A new snapshot that is not published is removed; its runs stay. Every decision is a line of HOME/runs/decisions.jsonl.
// Without an event since the last training nothing is trained.
Result<Decision> train_checked(const std::filesystem::path& home, const Store& store, const EventLog& log,
                               const Clock& clock, const CheckedOptions& options);

Json to_json(const Decision& decision);

// Oldest first; none where there is no file.
Result<std::vector<Decision>> read_decisions(const std::filesystem::path& home);

}  // namespace zhiyin
