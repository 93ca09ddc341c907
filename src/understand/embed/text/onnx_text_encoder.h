// A text encoder that somebody describes: BERT and its kin, the text half of CLIP or CLAP, anything of token ids to
// vectors. Tokens, a run of the network, pooling, unit length.
#pragma once

#include "understand/embed/onnx/described_network.h"
#include "understand/embed/text/text_encoder.h"
#include "understand/embed/text/tokenizer.h"

namespace zhiyin {

class OnnxTextEncoder final : public TextEncoder {
 public:
  // Reads the tokenizer, loads the network and tries it on a word, so that what does not fit is known now. Errors say
  // where the encoder is described.
  static Result<std::unique_ptr<OnnxTextEncoder>> open(const EncoderDescription& description);

  [[nodiscard]] std::string_view name() const override { return description_.name; }
  [[nodiscard]] int version() const override { return description_.version; }
  [[nodiscard]] std::size_t dim() const override { return dim_; }
  [[nodiscard]] EncoderVersions companions() const override { return description_.companions; }
  [[nodiscard]] Result<std::vector<float>> encode(std::span<const std::string> texts) const override;

 private:
  OnnxTextEncoder(EncoderDescription description, FramedTokenizer tokenizer, DescribedNetwork network)
      : description_(std::move(description)), tokenizer_(std::move(tokenizer)), network_(std::move(network)) {}
  Result<void> prepare();
  using Tokens = std::vector<std::int64_t>;
  // One vector for each of the rows, in their order.
  [[nodiscard]] Result<std::vector<float>> run(std::span<const Tokens> tokens, std::span<const std::size_t> rows) const;

  EncoderDescription description_;
  FramedTokenizer tokenizer_;
  DescribedNetwork network_;
  std::size_t fixed_length_ = 0;  // tokens of every row, where the network has it so
  std::size_t largest_batch_ = 32;
  std::size_t dim_ = 0;
};

}  // namespace zhiyin
