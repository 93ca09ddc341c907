#include "understand/embed/text/tokenizer_json_steps.h"

#include <fmt/format.h>

#include <cctype>

#include "base/base64.h"
#include "understand/embed/text/charsmap.h"
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

Result<void> add_cut(std::string_view expression, Splitter::Rest rest, Cutting& cutting) {
  ZY_TRY(auto pattern, Pattern::compile(expression));
  cutting.splitter.cut(std::move(pattern), rest);
  cutting.other = true;
  return {};
}

Result<void> add_split(const Json& json, Cutting& cutting) {
  ZY_TRY(auto pattern, pattern_of(json["pattern"]));
  cutting.other = true;
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

}  // namespace

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
  constexpr std::pair<std::string_view, UnicodeForm> kForms[] = {{"NFC", UnicodeForm::kNfc},
                                                                 {"NFD", UnicodeForm::kNfd},
                                                                 {"NFKC", UnicodeForm::kNfkc},
                                                                 {"NFKD", UnicodeForm::kNfkd}};
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
    normaliser.add([pattern, by = std::string(json["content"].as_string())](const std::string& text) {
      return pattern.replaced(text, by);
    });
  } else if (type == "Strip") {
    ZY_TRY(auto blanks,
           Pattern::compile(json["strip_left"].as_bool(true) && json["strip_right"].as_bool(true) ? R"(\A\s+|\s+\z)"
                            : json["strip_left"].as_bool(true)                                    ? R"(\A\s+)"
                                                                                                  : R"(\s+\z)"));
    normaliser.add([blanks](const std::string& text) { return blanks.replaced(text, ""); });
  } else if (type == "Prepend") {
    normaliser.add([before = std::string(json["prepend"].as_string())](const std::string& text) {
      return text.empty() ? text : before + text;
    });
  } else if (type == "Precompiled") {
    ZY_TRY(const auto bytes, from_base64(json["precompiled_charsmap"].as_string()));
    ZY_TRY(auto map, Charsmap::from_bytes(bytes));
    normaliser.add([map = std::move(map)](const std::string& text) { return map.apply(text); });
  } else {
    return unknown_part("a normalizer", json);
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
  if (type == "Digits") {
    return add_cut(json["individual_digits"].as_bool(false) ? R"(\p{N})" : R"(\p{N}+)", Splitter::Rest::kKept, cutting);
  }
  if (type == "Punctuation") return add_cut(R"([\p{P}!-/:-@\[-`{-~])", Splitter::Rest::kKept, cutting);
  if (type == "Whitespace") return add_cut(R"(\w+|[^\w\s]+)", Splitter::Rest::kDropped, cutting);
  if (type == "WhitespaceSplit") {
    cutting.single_blanks = true;
    ZY_TRY(auto words, Pattern::compile(R"(\S+)"));
    cutting.splitter.cut(std::move(words), Splitter::Rest::kDropped);
    return {};
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

}  // namespace zhiyin
