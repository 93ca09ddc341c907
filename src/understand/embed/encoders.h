// Everything that turns what a file holds, and what is said of it, into vectors, tags and words.
#pragma once

#include <memory>
#include <vector>

#include "understand/embed/senses.h"
#include "understand/embed/text/keywords.h"
#include "understand/embed/text/text_encoder.h"

namespace zhiyin {

struct Encoders {
  Senses senses;                                   // of pictures and sound: open_senses()
  std::vector<std::unique_ptr<TextEncoder>> text;  // open_text_encoders()
  std::shared_ptr<const KeywordFinder> keywords;   // of the words in a file; null: none
  std::vector<EncoderRun>
      absent;  // models that could not be opened, of version 0, with the reason: noted with every item
};

}  // namespace zhiyin
