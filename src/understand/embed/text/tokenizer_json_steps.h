// Inside the reader of tokenizer.json: what is done to a text, and how it is cut, before a model of tokens sees it.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "understand/embed/text/normalise.h"
#include "understand/embed/text/splitter.h"

namespace zhiyin {

// Appends the steps of a "normalizer"; null has none. Errors name a step that is not understood.
Result<void> add_normalisation(const Json& json, Normaliser& normaliser);

// What is learned of the pre-tokenizer.
struct Cutting {
  Splitter splitter;
  bool bytes = false;  // ByteLevel is among the steps
  bool bert = false;
  bool other = false;        // steps that only a model over bytes is read with
  bool blank_first = false;  // Metaspace puts one before the first word
  bool single_blanks = false;
};

// Appends the steps of a "pre_tokenizer"; null has none.
Result<void> add_cutting(const Json& json, Cutting& cutting);

}  // namespace zhiyin
