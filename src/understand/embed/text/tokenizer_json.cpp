#include "understand/embed/text/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "understand/embed/text/bpe_tokenizer.h"
#include "understand/embed/text/charsmap.h"
#include "understand/embed/text/unigram_tokenizer.h"
#include "understand/embed/text/wordpiece_tokenizer.h"

namespace zhiyin {
namespace {

Error unknown_part(std::string_view part, const Json& json) {
  return invalid(fmt::format("{} of type \"{}\" is not understood", part, json["type"].as_string()));
}

// {"Regex": "\\s+"} or {"String": " "}; a plain text becomes an expression that matches it.
Result<Pattern> pattern_of(const Json& json) {
  if (json["Regex"].is_string()) return Pattern::compile(json["Regex"].as_string());
  std::string quoted;
  for (const char c : json["String"].as_string()) {
    if (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) == 0) quoted += '\\';
    quoted += c;
  }
  if (quoted.empty()) return invalid("a pattern without Regex or String");
  return Pattern::compile(quoted);
}

Result<void> add_normalisation(const Json& json, Normaliser& normaliser) {
  if (json.is_null()) return {};
  const auto type = json["type"].as_string();
  if (type == "Sequence") {
    for (const auto& step : json["normalizers"].elements()) ZY_CHECK_OK(add_normalisation(step, normaliser));
    return {};
  }
  if (type == "BertNormalizer") {
    const bool lower = json["lowercase"].as_bool(true);
    normaliser.add(bert_normaliser(json["clean_text"].as_bool(true), json["handle_chinese_chars"].as_bool(true),
                                   json["strip_accents"].as_bool(lower), lower));
    return {};
  }
  constexpr std::pair<std::string_view, UnicodeForm> kForms[] = {
      {"NFC", UnicodeForm::kNfc}, {"NFD", UnicodeForm::kNfd}, {"NFKC", UnicodeForm::kNfkc}, {"NFKD", UnicodeForm::kNfkd}};
  for (const auto& [name, form] : kForms) {
    if (type != name) continue;
    normaliser.add([form = form](const std::string& text) { return normalised(text, form); });
    return {};
  }
  if (type == "Lowercase") {
    normaliser.add(&lower_cased);
  } else if (type == "StripAccents") {
    normaliser.add(&without_accents);
  } else if (type == "Replace") {
    ZY_TRY(auto pattern, pattern_of(json["pattern"]));
    normaliser.add([pattern, by = std::string(json["content"].as_string())](const std::string& text) { return pattern.replaced(text, by); });
  } else if (type == "Strip") {
    ZY_TRY(auto blanks, Pattern::compile(json["strip_left"].as_bool(true) && json["strip_right"].as_bool(true) ? R"(\A\s+|\s+\z)"
                                         : json["strip_left"].as_bool(true)                                    ? R"(\A\s+)"
                                                                                                               : R"(\s+\z)"));
    normaliser.add([blanks](const std::string& text) { return blanks.replaced(text, ""); });
  } else if (type == "Prepend") {
    normaliser.add([before = std::string(json["prepend"].as_string())](const std::string& text) { return text.empty() ? text : before + text; });
  } else if (type == "Precompiled") {
    ZY_TRY(const auto bytes, from_base64(json["precompiled_charsmap"].as_string()));
    ZY_TRY(auto map, Charsmap::from_bytes(bytes));
    normaliser.add([map = std::move(map)](const std::string& text) { return map.apply(text); });
  } else {
    return unknown_part("a normalizer", json);
  }
  return {};
}

// What is learned of the pre-tokenizer.
struct Cutting {
  Splitter splitter;
  bool bytes = false;        // ByteLevel is among the steps
  bool bert = false;
  bool blank_first = false;  // Metaspace puts one before the first word
  bool single_blanks = false;
};

Result<void> add_cut(std::string_view expression, Splitter::Rest rest, Cutting& cutting) {
  ZY_TRY(auto pattern, Pattern::compile(expression));
  cutting.splitter.cut(std::move(pattern), rest);
  return {};
}

Result<void> add_split(const Json& json, Cutting& cutting) {
  ZY_TRY(auto pattern, pattern_of(json["pattern"]));
  const auto behaviour = json["behavior"].as_string();
  const bool inverted = json["invert"].as_bool(false);
  if (behaviour == "Isolated") {
    cutting.splitter.cut(std::move(pattern), Splitter::Rest::kKept);
  } else if (behaviour == "Removed" && inverted) {
    cutting.splitter.cut(std::move(pattern), Splitter::Rest::kDropped);
  } else if (behaviour == "Removed") {
    cutting.splitter.cut_out(std::move(pattern));
  } else {
    return invalid(fmt::format("a Split that is \"{}\" is not understood (Isolated and Removed are)", behaviour));
  }
  return {};
}

Result<void> add_cutting(const Json& json, Cutting& cutting) {
  if (json.is_null()) return {};
  const auto type = json["type"].as_string();
  if (type == "Sequence") {
    for (const auto& step : json["pretokenizers"].elements()) ZY_CHECK_OK(add_cutting(step, cutting));
    return {};
  }
  if (type == "ByteLevel") {
    cutting.bytes = true;
    if (json["add_prefix_space"].as_bool(true)) cutting.splitter.prefix(" ");
    return json["use_regex"].as_bool(true) ? add_cut(Splitter::kGpt2, Splitter::Rest::kKept, cutting) : Result<void>();
  }
  if (type == "Split") return add_split(json, cutting);
  if (type == "Digits") return add_cut(json["individual_digits"].as_bool(false) ? R"(\p{N})" : R"(\p{N}+)", Splitter::Rest::kKept, cutting);
  if (type == "Punctuation") return add_cut(R"([\p{P}!-/:-@\[-`{-~])", Splitter::Rest::kKept, cutting);
  if (type == "Whitespace") return add_cut(R"(\w+|[^\w\s]+)", Splitter::Rest::kDropped, cutting);
  if (type == "WhitespaceSplit") {
    cutting.single_blanks = true;
    return add_cut(R"(\S+)", Splitter::Rest::kDropped, cutting);
  }
  if (type == "BertPreTokenizer") {
    cutting.bert = true;
    return {};
  }
  if (type == "Metaspace") {
    const auto scheme = json["prepend_scheme"].as_string(json["add_prefix_space"].as_bool(true) ? "always" : "never");
    cutting.blank_first = scheme != "never";
    return {};
  }
  return unknown_part("a pre_tokenizer", json);
}

// "model.vocab" of WordPiece and BPE: {"token": id}.
Result<Vocabulary> read_vocabulary(const Json& model) {
  Vocabulary vocabulary;
  for (const auto& [token, id] : model["vocab"].members()) {
    if (!id.is_integer() || id.as_integer() < 0) return invalid(fmt::format("the id of \"{}\" in model.vocab is no whole number", token));
    vocabulary.add(token, id.as_integer());
  }
  if (vocabulary.size() == 0) return invalid("model.vocab is missing or empty");
  return vocabulary;
}

Result<std::unique_ptr<Tokenizer>> make_wordpiece(const Json& model, Normaliser normaliser, const Cutting& cutting) {
  if (!cutting.bert) return invalid("a WordPiece model whose pre_tokenizer is not BertPreTokenizer is not understood");
  ZY_TRY(auto vocabulary, read_vocabulary(model));
  ZY_TRY(auto made, WordPieceTokenizer::make(std::move(vocabulary), std::move(normaliser),
                                             {std::string(model["unk_token"].as_string("[UNK]")),
                                              std::string(model["continuing_subword_prefix"].as_string("##")),
                                              static_cast<std::size_t>(model["max_input_chars_per_word"].as_integer(100))}));
  return std::unique_ptr<Tokenizer>(std::move(made));
}

Result<std::unique_ptr<Tokenizer>> make_bpe(const Json& model, Normaliser normaliser, Cutting cutting, const Json& added) {
  if (!cutting.bytes) return invalid("a BPE model that is not over bytes (no ByteLevel pre_tokenizer) is not understood");
  ZY_TRY(auto vocabulary, read_vocabulary(model));
  for (const auto& token : added.elements()) {  // some files list them here alone
    if (!vocabulary.id_of(token["content"].as_string())) vocabulary.add(std::string(token["content"].as_string()), token["id"].as_integer());
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
  ZY_TRY(auto made, BpeTokenizer::make(std::move(vocabulary), merges,
                                       {std::move(normaliser), std::move(cutting.splitter),
                                        std::string(model["end_of_word_suffix"].as_string()), model["ignore_merges"].as_bool(false)}));
  return std::unique_ptr<Tokenizer>(std::move(made));
}

Result<std::unique_ptr<Tokenizer>> make_unigram(const Json& model, Normaliser normaliser, const Cutting& cutting) {
  std::vector<UnigramTokenizer::Piece> pieces;
  for (const auto& entry : model["vocab"].elements()) {
    const auto& pair = entry.elements();
    if (pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number()) {
      return invalid(fmt::format("entry {} of model.vocab is not [piece, score]", pieces.size()));
    }
    const bool special = pair[0].as_string().starts_with('<') && pair[0].as_string().ends_with('>') && pair[1].as_number() == 0;
    pieces.push_back({std::string(pair[0].as_string()), pair[1].as_number(), !special});
  }
  UnigramTokenizer::Options options{.normaliser = std::move(normaliser), .blank_first = cutting.blank_first,
                                    .single_blanks = cutting.single_blanks, .bytes = model["byte_fallback"].as_bool(false),
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
    return invalid(fmt::format("the file holds a model of type {}, but the description says {}", model["type"].as_string(), ascii_lower(wanted)));
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
