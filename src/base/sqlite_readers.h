// Read connections to one database file, lent to one thread at a time: many threads read while another writes.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/sqlite.h"

namespace zhiyin::sqlite {

// Thread-safe. Must outlive what it lent.
class Readers {
 public:
  // The same options as the writer's; access is set to read-only here. The file must exist by the first lend().
  explicit Readers(Options options);

  struct GiveBack {
    Readers* readers;
    void operator()(Database* database) const;
  };
  using Lent = std::unique_ptr<Database, GiveBack>;

  // An idle connection, or a new one. What it reads is of the moment of its first step in each statement.
  Result<Lent> lend();

 private:
  static constexpr std::size_t kMaxIdle = 16;
  const Options options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;  // GUARDED_BY(mutex_)
};

}  // namespace zhiyin::sqlite
