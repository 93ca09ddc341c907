// How Gorse's API is set.
#pragma once

#include "feed/ingest/gorse_feedback.h"

namespace zhiyin::gorse {

struct GorseOptions {
  FeedbackOptions feedback;
  int default_n = 10;   // the length of a list where a request names none
  int auto_insert = 1;  // 1: feedback makes users and items that are not known; 0: it is left out
};

}  // namespace zhiyin::gorse
