// Who has the taste of one user.
#pragma once

#include <vector>

#include "feed/live/live.h"

namespace zhiyin {

struct SimilarUser {
  UserId user;
  double score = 0;  // (0, 1]; 1: they like the same things, and nothing else
};

// All but guests who like something that the user likes, best first; of equals the lower id. The cosine of the sets of items that
// two people like, where an item counts less the more people like it. Nobody for a user who likes nothing.
// Cost: linear in all recent pasts.
std::vector<SimilarUser> similar_users(const Live& live, const UserId& user, std::size_t count);

}  // namespace zhiyin
