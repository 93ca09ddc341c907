// tokenizer.json, the one-file form in which most published networks bring their tokenizer: what is done to a text, how
// it is cut, the vocabulary, and the special tokens around it.
#pragma once

#include <string_view>

#include "base/result.h"
#include "understand/embed/text/tokenizer.h"

namespace zhiyin {

// What the file asks for and we do not have is an error that names it: a text cut in another way is another text to the
// network.
Result<FramedTokenizer> tokenizer_from_json(std::string_view text, TokenizerKind kind);

}  // namespace zhiyin
