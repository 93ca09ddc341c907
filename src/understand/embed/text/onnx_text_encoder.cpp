#include "understand/embed/text/onnx_text_encoder.h"

#include <fmt/format.h>

#include <algorithm>

namespace zhiyin {
namespace {

constexpr InputRole kRoles[] = {InputRole::kIds, InputRole::kMask, InputRole::kTypes, InputRole::kPositions};
constexpr std::size_t kMaxPadded = 4096;  // texts x tokens of the longest: bounds the memory of attention

Result<std::unique_ptr<OnnxTextEncoder>> placed(Result<std::unique_ptr<OnnxTextEncoder>> opened,
                                                const EncoderDescription& description) {
  return std::move(opened).in(fmt::format("{}: {}", description.place, description.name));
}

}  // namespace

Result<std::unique_ptr<OnnxTextEncoder>> OnnxTextEncoder::open(const EncoderDescription& description) {
  const auto opened = [&]() -> Result<std::unique_ptr<OnnxTextEncoder>> {
    ZY_TRY(auto tokenizer, open_tokenizer(description.tokenizer));
    ZY_TRY(auto network, DescribedNetwork::open({.file = description.file,
                                                 .inputs = description.inputs,
                                                 .roles = kRoles,
                                                 .output = description.output,
                                                 .threads = description.threads}));
    std::unique_ptr<OnnxTextEncoder> encoder(
        new OnnxTextEncoder(description, std::move(tokenizer), std::move(network)));
    ZY_CHECK_OK(encoder->prepare());
    return encoder;
  };
  return placed(opened(), description);
}

Result<void> OnnxTextEncoder::prepare() {
  const auto* ids = network_.input(InputRole::kIds);
  if (ids == nullptr) return invalid("no input of the model holds ids: a text encoder needs one");
  if (!ids->shape.empty() && ids->shape.size() != 2) {
    return invalid(fmt::format("input \"{}\" of the model has {} extents: [texts, tokens] is expected", ids->name,
                               ids->shape.size()));
  }
  if (!ids->shape.empty() && ids->shape[0] > 0) largest_batch_ = static_cast<std::size_t>(ids->shape[0]);
  if (!ids->shape.empty() && ids->shape[1] > 0) {
    fixed_length_ = static_cast<std::size_t>(ids->shape[1]);
    description_.max_length = std::min(description_.max_length, static_cast<int>(fixed_length_));
  }
  const Tokens word = tokenizer_.encode("a", static_cast<std::size_t>(description_.max_length));
  const std::size_t row = 0;
  ZY_TRY(const auto vector, run({&word, 1}, {&row, 1}));
  dim_ = vector.size();
  return {};
}

// Every text of a run is padded to the longest, so texts of like length run together.
Result<std::vector<float>> OnnxTextEncoder::encode(std::span<const std::string> texts) const {
  std::vector<float> vectors(texts.size() * dim_, 0.0F);
  std::vector<Tokens> tokens(texts.size());
  std::vector<std::size_t> rows;  // those that say something; the others stay zero
  const auto frame = tokenizer_.begin.size() + tokenizer_.end.size();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    tokens[i] = tokenizer_.encode(description_.prefix + texts[i], static_cast<std::size_t>(description_.max_length));
    if (tokens[i].size() > frame) rows.push_back(i);
  }
  std::ranges::stable_sort(rows, {}, [&](std::size_t row) { return tokens[row].size(); });
  for (std::size_t first = 0; first < rows.size();) {
    std::size_t last = first + 1;
    while (last < rows.size() && last - first < largest_batch_ &&
           (last + 1 - first) * tokens[rows[last]].size() <= kMaxPadded)
      ++last;
    const auto batch = std::span(rows).subspan(first, last - first);
    ZY_TRY(const auto values, run(tokens, batch).in(name()));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i * dim_), dim_,
                  vectors.begin() + static_cast<std::ptrdiff_t>(batch[i] * dim_));
    }
    first = last;
  }
  return vectors;
}

Result<std::vector<float>> OnnxTextEncoder::run(std::span<const Tokens> tokens,
                                                std::span<const std::size_t> rows) const {
  std::size_t length = fixed_length_;
  std::vector<std::size_t> counts;
  for (const auto row : rows) {
    counts.push_back(tokens[row].size());
    if (fixed_length_ == 0) length = std::max(length, tokens[row].size());
  }
  // A network that wants a certain number of rows gets rows of padding for the rest.
  const bool fixed_rows =
      network_.input(InputRole::kIds)->shape.size() == 2 && network_.input(InputRole::kIds)->shape[0] > 0;
  if (fixed_rows) counts.resize(largest_batch_, 1);
  const auto size = counts.size() * length;
  std::vector<std::int64_t> ids(size, tokenizer_.pad);
  std::vector<std::int64_t> mask(size, 0);
  std::vector<std::int64_t> positions(size, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::ranges::copy(tokens[rows[i]], ids.begin() + static_cast<std::ptrdiff_t>(i * length));
    std::fill_n(mask.begin() + static_cast<std::ptrdiff_t>(i * length), counts[i], 1);
  }
  for (std::size_t i = 0; i < size; ++i) positions[i] = static_cast<std::int64_t>(i % length);
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(counts.size()), static_cast<std::int64_t>(length)};
  ZY_TRY(const auto output, network_.run({{InputRole::kIds, {shape, std::move(ids)}},
                                          {InputRole::kMask, {shape, std::move(mask)}},
                                          {InputRole::kTypes, {shape, std::vector<std::int64_t>(size, 0)}},
                                          {InputRole::kPositions, {shape, std::move(positions)}}}));
  ZY_TRY(auto vectors, pooled(output, description_.pooling, counts));
  const auto dim = vectors.size() / counts.size();
  vectors.resize(rows.size() * dim);
  if (dim_ != 0 && dim != dim_) return internal(fmt::format("a vector of {} numbers, not {}", dim, dim_));
  if (description_.normalise) normalise_rows(vectors, dim);
  return vectors;
}

}  // namespace zhiyin
