#include "understand/embed/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "understand/embed/text/bpe_tokenizer.h"
#include "understand/embed/text/sentencepiece_model.h"
#include "understand/embed/text/tokenizer_json.h"
#include "understand/embed/text/wordpiece_tokenizer.h"

namespace zhiyin {
namespace {

// Names of the special tokens that a family of files is used to; empty for none.
struct Customs {
  std::string_view begin;
  std::string_view end;
  std::string_view pad;
};

// vocab.txt: a token a line, the id being its place.
Result<FramedTokenizer> from_vocab_txt(std::string_view text, const TokenizerDescription& description) {
  Vocabulary vocabulary;
  std::int64_t id = 0;
  for (auto line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    vocabulary.add(std::string(line), id++);
  }
  auto normaliser = bert_normaliser(true, description.split_cjk, description.strip_accents, description.lower_case);
  FramedTokenizer framed;
  ZY_TRY(framed.tokenizer, WordPieceTokenizer::make(std::move(vocabulary), std::move(normaliser)));
  return framed;
}

// merges.txt: two tokens a line, in the order learned, below a line "#version".
std::vector<BpeTokenizer::Merge> merges_of(std::string_view text) {
  std::vector<BpeTokenizer::Merge> merges;
  for (auto line : split(text, '\n')) {
    line = trim(line);
    const auto blank = line.find(' ');
    if (line.starts_with("#version") || blank == std::string_view::npos) continue;
    merges.emplace_back(line.substr(0, blank), line.substr(blank + 1));
  }
  return merges;
}

// vocab.json with merges.txt. CLIP's are told by their tokens, which end words with "</w>".
Result<FramedTokenizer> from_vocab_json(std::string_view text, const TokenizerDescription& description) {
  ZY_TRY(const auto json, Json::parse(text));
  Vocabulary vocabulary;
  for (const auto& [token, id] : json.members()) {
    if (!id.is_integer() || id.as_integer() < 0)
      return invalid(fmt::format("the id of \"{}\" is no whole number", token));
    vocabulary.add(token, id.as_integer());
  }
  if (vocabulary.size() == 0) return invalid("no vocabulary: {\"token\": id, ...} is expected");
  ZY_TRY(const auto merges, read_file(description.merges));
  const bool clip = vocabulary.id_of("<|startoftext|>").has_value();
  BpeTokenizer::Options options{.end_of_word = clip ? "</w>" : ""};
  if (clip) {
    options.normaliser.add([](const std::string& words) { return normalised(words, UnicodeForm::kNfc); });
  }
  if (clip || description.lower_case) options.normaliser.add(&lower_cased);
  ZY_TRY(auto pattern, Pattern::compile(clip ? Splitter::kClip : Splitter::kGpt2));
  options.splitter.cut(std::move(pattern), clip ? Splitter::Rest::kDropped : Splitter::Rest::kKept);
  FramedTokenizer framed;
  ZY_TRY(
      framed.tokenizer,
      BpeTokenizer::make(std::move(vocabulary), merges_of(merges), std::move(options)).in(description.merges.string()));
  return framed;
}

Result<FramedTokenizer> read_tokenizer(std::string_view text, const TokenizerDescription& description) {
  if (description.file.filename() == "tokenizer.json") return tokenizer_from_json(text, description.kind);
  switch (description.kind) {
    case TokenizerKind::kWordPiece: return from_vocab_txt(text, description);
    case TokenizerKind::kBpe: return from_vocab_json(text, description);
    case TokenizerKind::kUnigram: {
      FramedTokenizer framed;
      ZY_TRY(framed.tokenizer, sentencepiece_tokenizer(text, description.id_offset));
      return framed;
    }
  }
  return invalid("no kind of tokenizer");
}

Customs customs_of(const FramedTokenizer& framed, TokenizerKind kind) {
  if (kind == TokenizerKind::kWordPiece) return {"[CLS]", "[SEP]", "[PAD]"};
  if (kind == TokenizerKind::kUnigram) return {"", "</s>", "<pad>"};
  if (framed.id_of("<|startoftext|>")) return {"<|startoftext|>", "<|endoftext|>", "<|endoftext|>"};
  if (framed.id_of("<s>")) return {"<s>", "</s>", "<pad>"};
  return {"", "", "<|endoftext|>"};
}

// The id of a token that the description names, or that is customary and there.
Result<std::optional<std::int64_t>> resolve(const FramedTokenizer& framed, std::string_view key,
                                            const std::optional<std::string>& named, std::string_view customary) {
  if (named && named->empty()) return std::optional<std::int64_t>();
  const auto id = framed.id_of(named ? std::string_view(*named) : customary);
  if (named && !id) return invalid(fmt::format("tokenizer {} = \"{}\": the vocabulary has no such token", key, *named));
  return id;
}

Result<FramedTokenizer> framed_tokenizer(const TokenizerDescription& description) {
  ZY_TRY(const auto text, read_file(description.file));
  ZY_TRY(auto framed, read_tokenizer(text, description));
  const auto customs = customs_of(framed, description.kind);
  const bool own_frame = !framed.begin.empty() || !framed.end.empty();  // the file says it itself
  ZY_TRY(const auto begin, resolve(framed, "begin", description.begin, own_frame ? "" : customs.begin));
  ZY_TRY(const auto end, resolve(framed, "end", description.end, own_frame ? "" : customs.end));
  ZY_TRY(const auto pad, resolve(framed, "pad", description.pad, customs.pad));
  if (description.begin || begin) framed.begin.assign(begin ? 1 : 0, begin.value_or(0));
  if (description.end || end) framed.end.assign(end ? 1 : 0, end.value_or(0));
  if (pad && (description.pad || framed.pad < 0)) framed.pad = *pad;
  framed.pad = std::max<std::int64_t>(framed.pad, 0);  // the mask hides it
  return framed;
}

}  // namespace

std::vector<std::int64_t> FramedTokenizer::encode(std::string_view utf8, std::size_t max_length) const {
  auto ids = tokenizer->encode(utf8);
  const auto frame = begin.size() + end.size();
  ids.resize(std::min(ids.size(), max_length > frame ? max_length - frame : 0));
  ids.insert(ids.begin(), begin.begin(), begin.end());
  ids.insert(ids.end(), end.begin(), end.end());
  return ids;
}

std::optional<std::int64_t> FramedTokenizer::id_of(std::string_view token) const {
  if (token.empty()) return std::nullopt;
  if (const auto found = special.find(token); found != special.end()) return found->second;
  return tokenizer->id_of(token);
}

Result<FramedTokenizer> open_tokenizer(const TokenizerDescription& description) {
  return framed_tokenizer(description).in(description.file.string());
}

}  // namespace zhiyin
