// A SentencePiece .model file: a protobuf message, read by hand.
#pragma once

#include <string_view>

#include "base/result.h"
#include "understand/embed/text/unigram_tokenizer.h"

namespace zhiyin {

// The tokenizer that the file describes, with the table of characters that comes with it. Errors: bytes that are no
// such message, and models that are not unigram ones.
Result<std::unique_ptr<UnigramTokenizer>> sentencepiece_tokenizer(std::string_view bytes, int id_offset);

}  // namespace zhiyin
