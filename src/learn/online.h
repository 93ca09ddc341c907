// Learning between trainings: what came into the log since the snapshot goes into the collaborative model at once.
//
// The learner follows the log. From its start to the snapshot's offset it only remembers who likes what; what comes
// after is learned in steps (Model::updated()), each of which gives an overlay to serve by. Items that came since get
// rows with their first event. Nothing of it is kept: a restart replays the log.
//
// It holds every pair of user and item, 32 bytes each, and gives up above `most_pairs` rather than learn from a part:
// the snapshot then serves as it is. Confined to one thread.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>

#include "base/result.h"
#include "domain/event_meaning.h"
#include "feed/live/overlay.h"
#include "learn/positives.h"
#include "state/bus/event_log.h"

namespace zhiyin {

struct OnlineOptions {
  EventMeaning events;  // what counts as liked
  std::size_t most_pairs = 20'000'000;
  int threads = 1;
};

class OnlineLearner {
 public:
  OnlineLearner(std::shared_ptr<const Snapshot> base, OnlineOptions options);

  // Takes in what the log has by now. Returns an overlay that knows it, null where nothing was there to learn.
  // Error kConflict: this snapshot's model cannot learn, or there is too much to remember; it will not try again.
  Result<std::shared_ptr<const Overlay>> step(const EventLog& log);

  // Events up to here are in the overlay.
  [[nodiscard]] Offset offset() const { return offset_; }
  [[nodiscard]] const Snapshot& base() const { return *base_; }

 private:
  void tell(const LoggedEvent& logged);
  void take_back(const UserId& user, const ItemId& item, bool since);
  void merge(const UserId& user, const UserId& guest, bool since);

  std::shared_ptr<const Snapshot> base_;
  OnlineOptions options_;
  std::shared_ptr<const Model> model_;
  std::unordered_map<ItemId, ItemIndex> items_;
  std::vector<ItemId> added_;
  std::vector<ItemIndex> changed_;  // ascending
  std::unordered_map<UserId, UserIndex> users_;
  Positives positives_;
  Offset offset_ = 0;
  std::optional<Error> given_up_;
};

}  // namespace zhiyin
