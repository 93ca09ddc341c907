// A home: the folder with one deployment's state.
//   catalogue.db   items, users, vectors, reports
//   events.db      the event log; events.db.ids/ recognises repeats and is made again if it is gone
//   snapshots/ID/  everything trained
//   runs/          what became of each training (learn/runs.h), trials of `zhiyin tune`
//   zhiyin.toml    the configuration, if there is one
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.h"
#include "state/bus/event_log.h"
#include "state/store/store.h"
#include "understand/embed/encoders.h"

namespace zhiyin {

struct Home {
  std::filesystem::path path;
  std::unique_ptr<Store> store;
  std::unique_ptr<EventLog> log;
  Encoders encoders;  // none until somebody opens them: each loads a model
};

enum class HomeMode { kMustExist, kCreate };

// `store` is of what will be written: a verb that only reads leaves it out.
// kNotFound with the verbs that make one if it must exist and does not.
Result<Home> open_home(const std::filesystem::path& path, HomeMode mode, const StoreOptions& store = {});

// Opens the encoders of words, for verbs that read some: those of the cache of models, then those that the home
// describes. Costs some tenths of a second, and what the described ones cost. Errors: an encoders.toml at fault.
Result<void> open_word_encoders(Home& home);

}  // namespace zhiyin
