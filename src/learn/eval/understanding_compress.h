// The part of the table "understanding" that asks what is lost by keeping models and vectors in less.
//
// Models (block compress_models, a row for each ONNX file that set-up makes or fetches; metrics bytes, weights, and of
// the matrix products by constants: products, product_weights):
//   compress.use_lite.whole_bytes .small_bytes .cosine .whole_nn1 .small_nn1   clinc, as clinc.nn1; .cosine is the mean
//   compress.ocr_reader.whole_bytes .small_bytes .lines .whole_right .small_right .same   lines of clinc and thucnews
//                                       drawn by ffmpeg: shares read rightly (blanks apart), and read alike by both
//   compress.FILE.whole_bytes .small_bytes .cosine   of nsfw and melspectrogram, whose one product is tiny: eight bits
//                                       would save little, so they are not used
// The other models have no product by a constant (silero's stand inside LSTM operators, in branches): convolutions
// stay. Stored vectors (block compress_stored; SET is text, sound or picture; KIND float, half or int8, as the setting
// store.vectors, which keeps in half what eight bits do not fit):
//   compress.SET_KIND.bytes .kept10 .nn1   of an item (all its vectors of the set); share of the ten nearest neighbours
//                                       that stay; the set's nn1 over vectors kept so
#pragma once

#include <functional>
#include <span>

#include "domain/feature_block.h"
#include "learn/eval/leave_one_out.h"
#include "learn/eval/text_sets.h"
#include "learn/eval/understanding.h"

namespace zhiyin {

// CLINC's examples and questions with their vectors by the small text.use, row-major.
struct EncodedIntents {
  const LabelledTexts& examples;
  const LabelledTexts& questions;
  const std::vector<float>& example_rows;
  const std::vector<float>& question_rows;
  std::string split_sha256;
};
// The text encoder whole and small, and its vectors stored in each precision. What is missing is named in `failures`.
void add_text_compression(const EncodedIntents& intents, Understanding& out);

// The vectors of clips stored in each precision. Each block is a vector of its own in the catalogue; one that holds NaN
// or zeros alone is none. `fuse`: what compares them.
void add_stored_compression(const std::string& set, const LabelledVectors& clips, std::span<const FeatureBlock> blocks,
                            const std::function<LabelledVectors(const LabelledVectors&)>& fuse,
                            const std::string& split_sha256, Understanding& out);

// The models. `data` is a data root with texts; without a font or ffmpeg the reader of lines is not asked.
void add_model_compression(const std::filesystem::path& data, Understanding& out);

}  // namespace zhiyin
