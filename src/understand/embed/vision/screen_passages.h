// Lines read off the pages of a file → passages: a line that stays on the screen over several pages is one passage.
#pragma once

#include <string>
#include <vector>

#include "domain/perception.h"

namespace zhiyin {

struct ReadLine {
  double time_s = 0;
  std::string text;
  double confidence = 0;
};

// pages: the lines of each page, in order of time and of reading. A line is the same as one of the page before, or of
// the one before that (a page may be missed), if it differs in at most a fifth of its bytes; the surest reading is
// kept. Passages are of kind "screen", in order of their start; a passage ends when it was last seen, which may be
// earlier than it vanished.
std::vector<Passage> screen_passages(const std::vector<std::vector<ReadLine>>& pages, const std::string& encoder);

}  // namespace zhiyin
