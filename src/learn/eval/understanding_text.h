// The blocks of the table "understanding" that ask about words.
#pragma once

#include "learn/eval/understanding.h"

namespace zhiyin {

// `data` is the data root (text/clinc150, text/thucnews-10cls, media/tuxpaint_items.tsv). Rows and results are
// appended:
//   clinc.nn1              English intents, 10 examples of each, all test questions: nearest example by text.use
//   thucnews.nn1           Chinese titles: three draws of 1,000 of ten topics, each title asks the other 999 of its
//   draw thucnews.probe         the same draws, a linear classifier in five folds (800 train, 200 asked)
//     both by text.use beside characters and their pairs (weight 2, lambda .2, chosen on other titles); rows for each
//     alone
//   crosslingual.top1      titles of the same picture, Chinese asks English and the other way, cosine of text.use
//   crosslingual.zh_en .en_zh .pairs
//   compress.*             what smaller models and vectors cost (learn/eval/understanding_compress.h)
// and notes with keywords of a few texts. What is missing (a set, a model) is named in `failures` and leaves its block
// out.
void evaluate_text(const UnderstandingOptions& options, const std::filesystem::path& data, Understanding& out);

}  // namespace zhiyin
