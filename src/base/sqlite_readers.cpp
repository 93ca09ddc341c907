#include "base/sqlite_readers.h"

#include <utility>

namespace zhiyin::sqlite {
namespace {

Options for_reading(Options options) {
  options.access = Access::kReadOnly;
  return options;
}

}  // namespace

Readers::Readers(Options options) : options_(for_reading(std::move(options))) {}

Result<Readers::Lent> Readers::lend() {
  const GiveBack give_back{this};
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return Lent(connection.release(), give_back);
    }
  }
  ZY_TRY(auto connection, Database::open(options_));
  return Lent(connection.release(), give_back);
}

void Readers::GiveBack::operator()(Database* database) const {
  std::unique_ptr<Database> connection(database);
  const std::lock_guard lock(readers->mutex_);
  if (readers->idle_.size() < kMaxIdle) readers->idle_.push_back(std::move(connection));
}

}  // namespace zhiyin::sqlite
