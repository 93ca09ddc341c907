// Collaborative candidates by what was learned since the snapshot (feed/live/overlay.h), for users whose context has it.
#pragma once

#include "feed/recommend/source.h"

namespace zhiyin {

// Best first; scores above zero only.
std::vector<Candidate> overlay_candidates(const View& view, const UserContext& user, std::size_t count);

// The liked items that speak for `candidate`, at most `most`, the heaviest first.
void explain_by_overlay(const View& view, const UserContext& user, Candidate& candidate, std::size_t most);

}  // namespace zhiyin
