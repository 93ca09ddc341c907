// A user: whoever watches, listens, likes. Known from the first event on; a profile is optional.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "domain/ids.h"

namespace zhiyin {

struct User {
  UserId id;
  std::string name;
  Json attributes;  // an object, or null
};

// {"id","name","attributes"} both ways. from_json checks every field; an unknown one is an error that names the
// nearest.
Json to_json(const User& user);
Result<User> user_from_json(const Json& json);

// A guest has no account: the id carries this prefix, and nothing else tells them apart.
inline constexpr std::string_view kGuestPrefix = "guest:";

}  // namespace zhiyin
