// The sentence that says why, in the reader's language.
#pragma once

#include <string>

#include "domain/answer.h"
#include "feed/recommend/source.h"

namespace zhiyin {

std::string reason_sentence(ReasonKind kind, Language language, std::string_view because_title);

}  // namespace zhiyin
