// The key that programs send as X-API-Key, where the server wants one.
#pragma once

#include <string>
#include <string_view>

#include "base/http/message.h"

namespace zhiyin {

class ApiKey {
 public:
  // Empty: nobody is asked for one.
  explicit ApiKey(std::string_view key);

  // Whether the request may pass. Takes the same time whatever it is compared with, and tells nobody what it was: not
  // the answer, not the log.
  [[nodiscard]] bool admits(const http::Request& request) const;
  [[nodiscard]] bool is_set() const { return !digest_.empty(); }

 private:
  std::string digest_;  // of the key, so that the key itself is kept nowhere
};

}  // namespace zhiyin
