// The store in one SQLite file (WAL, fsync on every commit).
#pragma once

#include <filesystem>
#include <memory>

#include "state/store/store.h"

namespace zhiyin {

// Opens or creates the catalogue. One connection writes, under a mutex; reads take a connection of their own from a
// pool, so readers wait for nobody. The each_* visits see the file as of one moment and may call the store.
//
// Erasing an item forgets its files as well: the next scan takes them up again. (An item that should stay away is
// hidden.) put_vectors to an unknown item is kNotFound.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& path, const StoreOptions& options = {});

}  // namespace zhiyin
