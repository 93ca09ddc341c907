#include "understand/embed/text/use_encoder.h"

#include <algorithm>
#include <numeric>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMaxTokens = 128;   // of one text; the graph drops what lies beyond
constexpr std::size_t kMaxBatch = 32;     // texts in one run
constexpr std::size_t kMaxPadded = 2048;  // texts x tokens of the longest: bounds the memory of attention

}  // namespace

Result<std::unique_ptr<UseEncoder>> UseEncoder::open(const std::filesystem::path& folder,
                                                     std::shared_ptr<const ChineseBridge> bridge, Precision precision) {
  ZY_TRY(auto tokenizer, UseTokenizer::open(folder / "vocab.json"));
  if (precision == Precision::kSmall) {
    if (auto session = OnnxSession::open(folder / kSmallModel); session.ok()) {
      return std::make_unique<UseEncoder>(std::move(tokenizer), std::move(session).value(), std::move(bridge));
    }
  }
  ZY_TRY(auto session, OnnxSession::open(folder / kWholeModel));
  return std::make_unique<UseEncoder>(std::move(tokenizer), std::move(session), std::move(bridge));
}

UseEncoder::UseEncoder(UseTokenizer tokenizer, std::unique_ptr<OnnxSession> session,
                       std::shared_ptr<const ChineseBridge> bridge)
    : tokenizer_(std::move(tokenizer)), session_(std::move(session)), bridge_(std::move(bridge)) {}

std::string UseEncoder::in_english(const std::string& text) const {
  if (!bridge_ || std::ranges::none_of(code_points(text), is_han)) return readable(text);
  return readable(bridge_->to_english(text));
}

std::string UseEncoder::readable(const std::string& text) {
  const auto characters = nfkc(text);
  std::size_t words = 0;    // characters that the vocabulary can have: Latin letters and digits
  std::size_t foreign = 0;  // letters that it cannot
  for (const auto c : characters) {
    const auto kind = character_class(c);
    if (kind == CharacterClass::kLatin || kind == CharacterClass::kDigit) ++words;
    if (kind == CharacterClass::kCjk || kind == CharacterClass::kLetter) ++foreign;
  }
  if (words == 0 || foreign > words) return {};
  if (foreign == 0) return text;
  std::u32string kept;
  for (const auto c : characters) {
    const auto kind = character_class(c);
    const bool cut = kind == CharacterClass::kCjk || kind == CharacterClass::kLetter || c == U' ';
    if (!cut) {
      kept += c;
    } else if (!kept.empty() && kept.back() != U' ') {
      kept += U' ';
    }
  }
  if (!kept.empty() && kept.back() == U' ') kept.pop_back();
  return to_utf8(kept);
}

// The graph pads every text of a run to the longest, so texts of like length run together.
Result<std::vector<float>> UseEncoder::encode(std::span<const std::string> texts) const {
  std::vector<float> vectors(texts.size() * kDim, 0.0F);
  std::vector<std::vector<std::int64_t>> tokens(texts.size());
  std::vector<std::size_t> rows;  // those with tokens; the others stay zero (the graph cannot run on none)
  for (std::size_t i = 0; i < texts.size(); ++i) {
    tokens[i] = tokenizer_.encode(in_english(texts[i]));
    if (tokens[i].size() > kMaxTokens) tokens[i].resize(kMaxTokens);
    if (!tokens[i].empty()) rows.push_back(i);
  }
  std::ranges::stable_sort(rows, {}, [&](std::size_t row) { return tokens[row].size(); });
  for (std::size_t first = 0; first < rows.size();) {
    std::size_t last = first + 1;
    while (last < rows.size() && last - first < kMaxBatch &&
           (last + 1 - first) * tokens[rows[last]].size() <= kMaxPadded) {
      ++last;
    }
    ZY_CHECK_OK(run_batch(tokens, std::span(rows).subspan(first, last - first), vectors));
    first = last;
  }
  return vectors;
}

Result<void> UseEncoder::run_batch(std::span<const std::vector<std::int64_t>> tokens, std::span<const std::size_t> rows,
                                   std::span<float> vectors) const {
  std::vector<std::int64_t> indices;  // (sentence, position) of each token
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t position = 0; position < tokens[rows[i]].size(); ++position) {
      indices.push_back(static_cast<std::int64_t>(i));
      indices.push_back(static_cast<std::int64_t>(position));
      values.push_back(tokens[rows[i]][position]);
    }
  }
  const auto count = static_cast<std::int64_t>(values.size());
  const OnnxInput inputs[] = {{"indices", {{count, 2}, std::move(indices)}}, {"values", {{count}, std::move(values)}}};
  const std::string output(kOutput);
  ZY_TRY(const auto arrays, session_->run(inputs, {&output, 1}).in(kName));
  if (arrays[0].shape != std::vector<std::int64_t>{static_cast<std::int64_t>(rows.size()), kDim}) {
    return internal("text.use: the model's output is not one vector of 512 for each text");
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(arrays[0].floats().begin() + static_cast<std::ptrdiff_t>(i * kDim), kDim,
                vectors.begin() + static_cast<std::ptrdiff_t>(rows[i] * kDim));
  }
  return {};
}

}  // namespace zhiyin
