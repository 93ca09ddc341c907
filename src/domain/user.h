// A user: whoever watches, listens, likes. Known from the first event on; a profile is optional.
#pragma once

#include <string>

#include "base/json.h"
#include "domain/ids.h"

namespace zhiyin {

struct User {
  UserId id;
  std::string name;
  Json attributes;  // an object, or null
};

// A guest has no account: the id carries this prefix, and nothing else tells them apart.
inline constexpr std::string_view kGuestPrefix = "guest:";

}  // namespace zhiyin
