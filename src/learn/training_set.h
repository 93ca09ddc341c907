// What there is to learn from: the catalogue and the event log of one moment, as models want it.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/event_meaning.h"
#include "domain/ids.h"
#include "domain/interactions.h"
#include "match/model.h"
#include "state/bus/event_log.h"
#include "state/store/store.h"
#include "understand/embed/fusion.h"

namespace zhiyin {

struct TrainingSet {
  std::vector<ItemId> items;  // the catalogue's order: row i of every table is items[i]
  std::vector<UserId> users;  // those with at least one positive
  Interactions positives;     // each user's last word on each item, where it speaks for the item
  Offset offset = 0;          // of the last event read
  std::vector<std::vector<ModalityVector>> modalities;  // what was understood of each item
};

// Events of items that the catalogue does not know are passed over, and so are those after `until` and what has expired.
// What a guest did before a merge is the user's.
Result<TrainingSet> read_training_set(const Store& store, const EventLog& log, const EventMeaning& meaning = {},
                                      Offset until = std::numeric_limits<Offset>::max());

}  // namespace zhiyin
