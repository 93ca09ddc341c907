// For set-up that cannot fail where the test means anything: what fails all the same throws, and the test fails.
#pragma once

#include <stdexcept>
#include <utility>

#include "base/result.h"

namespace zhiyin {

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
inline void must(const Result<void>& result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
}

}  // namespace zhiyin
