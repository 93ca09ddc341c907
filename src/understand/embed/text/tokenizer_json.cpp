#include "understand/embed/text/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "understand/embed/text/bpe_tokenizer.h"
#include "understand/embed/text/tokenizer_json_steps.h"
#include "understand/embed/text/unigram_tokenizer.h"
#include "understand/embed/text/wordpiece_tokenizer.h"

namespace zhiyin {
namespace {

// "model.vocab" of WordPiece and BPE: {"token": id}.
Result<Vocabulary> read_vocabulary(const Json& model) {
  Vocabulary vocabulary;
  for (const auto& [token, id] : model["vocab"].members()) {
    if (!id.is_integer() || id.as_integer() < 0)
      return invalid(fmt::format("the id of \"{}\" in model.vocab is no whole number", token));
    vocabulary.add(token, id.as_integer());
  }
  if (vocabulary.size() == 0) return invalid("model.vocab is missing or empty");
  return vocabulary;
}

Result<std::unique_ptr<Tokenizer>> make_wordpiece(const Json& model, Normaliser normaliser, const Cutting& cutting) {
  if (!cutting.bert || cutting.other)
    return invalid("a WordPiece model whose pre_tokenizer is not BertPreTokenizer is not understood");
  ZY_TRY(auto vocabulary, read_vocabulary(model));
  ZY_TRY(auto made,
         WordPieceTokenizer::make(std::move(vocabulary), std::move(normaliser),
                                  {std::string(model["unk_token"].as_string("[UNK]")),
                                   std::string(model["continuing_subword_prefix"].as_string("##")),
                                   static_cast<std::size_t>(model["max_input_chars_per_word"].as_integer(100))}));
  return std::unique_ptr<Tokenizer>(std::move(made));
}

Result<std::unique_ptr<Tokenizer>> make_bpe(const Json& model, Normaliser normaliser, Cutting cutting,
                                            const Json& added) {
  if (!cutting.bytes)
    return invalid("a BPE model that is not over bytes (no ByteLevel pre_tokenizer) is not understood");
  ZY_TRY(auto vocabulary, read_vocabulary(model));
  for (const auto& token : added.elements()) {  // some files list them here alone
    if (!vocabulary.id_of(token["content"].as_string()))
      vocabulary.add(std::string(token["content"].as_string()), token["id"].as_integer());
  }
  std::vector<BpeTokenizer::Merge> merges;  // "a b", or ["a", "b"] in newer files
  for (const auto& merge : model["merges"].elements()) {
    const auto& pair = merge.elements();
    const auto text = merge.as_string();
    const auto blank = text.find(' ');
    if (pair.size() == 2) {
      merges.emplace_back(pair[0].as_string(), pair[1].as_string());
    } else if (blank != std::string_view::npos) {
      merges.emplace_back(text.substr(0, blank), text.substr(blank + 1));
    } else {
      return invalid(fmt::format("merge {} of model.merges is not two tokens", merges.size() + 1));
    }
  }
  ZY_TRY(auto made, BpeTokenizer::make(
                        std::move(vocabulary), merges,
                        {std::move(normaliser), std::move(cutting.splitter),
                         std::string(model["end_of_word_suffix"].as_string()), model["ignore_merges"].as_bool(false)}));
  return std::unique_ptr<Tokenizer>(std::move(made));
}

Result<std::unique_ptr<Tokenizer>> make_unigram(const Json& model, Normaliser normaliser, const Cutting& cutting) {
  if (cutting.bert || cutting.other) {
    return invalid("a Unigram model whose text is cut by more than WhitespaceSplit and Metaspace is not understood");
  }
  std::vector<UnigramTokenizer::Piece> pieces;
  for (const auto& entry : model["vocab"].elements()) {
    const auto& pair = entry.elements();
    if (pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number()) {
      return invalid(fmt::format("entry {} of model.vocab is not [piece, score]", pieces.size()));
    }
    const bool special =
        pair[0].as_string().starts_with('<') && pair[0].as_string().ends_with('>') && pair[1].as_number() == 0;
    pieces.push_back({std::string(pair[0].as_string()), pair[1].as_number(), !special});
  }
  UnigramTokenizer::Options options{.normaliser = std::move(normaliser),
                                    .blank_first = cutting.blank_first,
                                    .single_blanks = cutting.single_blanks,
                                    .bytes = model["byte_fallback"].as_bool(false),
                                    .unknown = model["unk_id"].as_integer(-1)};
  ZY_TRY(auto made, UnigramTokenizer::make(pieces, std::move(options)));
  return std::unique_ptr<Tokenizer>(std::move(made));
}

// What stands before and after a text, from the post_processor.
void read_frame(const Json& json, FramedTokenizer& framed) {
  const auto type = json["type"].as_string();
  if (type == "Sequence") {
    for (const auto& step : json["processors"].elements()) read_frame(step, framed);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    framed.begin = {json["cls"].elements().size() == 2 ? json["cls"].elements()[1].as_integer() : 0};
    framed.end = {json["sep"].elements().size() == 2 ? json["sep"].elements()[1].as_integer() : 0};
  } else if (type == "TemplateProcessing") {
    auto* side = &framed.begin;
    for (const auto& part : json["single"].elements()) {
      if (part.has("Sequence")) side = &framed.end;
      const auto token = part["SpecialToken"]["id"].as_string();
      for (const auto& id : json["special_tokens"][token]["ids"].elements()) side->push_back(id.as_integer());
    }
  }
}

}  // namespace

Result<FramedTokenizer> tokenizer_from_json(std::string_view text, TokenizerKind kind) {
  ZY_TRY(const auto json, Json::parse(text));
  const auto& model = json["model"];
  constexpr std::string_view kTypes[] = {"WordPiece", "BPE", "Unigram"};  // in the order of TokenizerKind
  const auto wanted = kTypes[static_cast<std::size_t>(kind)];
  if (model["type"].as_string(wanted) != wanted) {
    return invalid(fmt::format("the file holds a model of type {}, but the description says {}",
                               model["type"].as_string(), ascii_lower(wanted)));
  }
  Normaliser normaliser;
  ZY_CHECK_OK(add_normalisation(json["normalizer"], normaliser));
  Cutting cutting;
  ZY_CHECK_OK(add_cutting(json["pre_tokenizer"], cutting));

  FramedTokenizer framed;
  for (const auto& token : json["added_tokens"].elements()) {
    framed.special.emplace(token["content"].as_string(), token["id"].as_integer());
  }
  switch (kind) {
    case TokenizerKind::kWordPiece: {
      ZY_TRY(framed.tokenizer, make_wordpiece(model, std::move(normaliser), cutting));
      break;
    }
    case TokenizerKind::kBpe: {
      ZY_TRY(framed.tokenizer, make_bpe(model, std::move(normaliser), std::move(cutting), json["added_tokens"]));
      break;
    }
    case TokenizerKind::kUnigram: {
      ZY_TRY(framed.tokenizer, make_unigram(model, std::move(normaliser), cutting));
      break;
    }
  }
  read_frame(json["post_processor"], framed);
  framed.pad = json["padding"]["pad_id"].as_integer(-1);
  return framed;
}

}  // namespace zhiyin
