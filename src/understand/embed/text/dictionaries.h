// Ready-made dictionaries: what is taken from jieba's word list and from CC-CEDICT, as safetensors files that open
// without parsing. Errors (kCorrupt) name the file and the line or entry.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/tensors.h"

namespace zhiyin {

// For Segmenter, from dict.txt ("word frequency kind" a line) and idf.txt ("word idf" a line):
// words, log_probability, idf, kind by word; rarest and median_idf.
Result<Tensors> words_of_jieba(std::string_view dict, std::string_view idf);

// For ChineseBridge, from all.js ({"all":[[traditional, simplified, pinyin, meaning or [meanings], ..], ..]} behind an
// "export default"): words and glosses by simplified word; traditional and simplified characters that correspond.
Result<Tensors> glosses_of_cedict(std::string_view all_js);

// The first plain meaning of a CC-CEDICT entry: without remarks in brackets and the "to" of verbs, only the first of
// several between semicolons; "" where there is only a reference to another word, or more than 40 bytes of explanation.
std::string plain_meaning(std::string_view meaning);

}  // namespace zhiyin
