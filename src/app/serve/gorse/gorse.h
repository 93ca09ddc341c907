// Gorse's REST API over this home: what programs written for Gorse ask, answered in its words (docs/gorse.md).
#pragma once

#include <string>

#include "app/serve/gorse/feedbacks.h"
#include "app/serve/gorse/options.h"
#include "app/serve/service.h"
#include "base/http/message.h"

namespace zhiyin::gorse {

// What the handlers work on. Thread-safe.
struct Gorse {
  Service& service;
  const GorseOptions options;
  const FeedbackRules rules;
  Feedbacks feedbacks;
};

}  // namespace zhiyin::gorse
