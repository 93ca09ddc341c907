// Whoever is known: by a profile in the catalogue, or by what they did alone. Guests are nobody.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/serve/service.h"
#include "domain/user.h"

namespace zhiyin::gorse {

Result<std::optional<User>> known_user(const Service& service, const UserId& id);

// At most `count` of those whose id comes after this one, in the order of their ids. Cost: linear in the users.
Result<std::vector<User>> known_users_after(const Service& service, const std::string& id, std::size_t count);

}  // namespace zhiyin::gorse
