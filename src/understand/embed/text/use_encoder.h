// Universal Sentence Encoder lite (Cer et al. 2018, arXiv 1803.11175): a two-layer transformer over up to 128 tokens,
// its mean, 512 numbers of unit length. In about 1 ms of CPU a sentence, a third of that in batches. It reads English;
// Chinese comes into the same space through a dictionary (ChineseBridge), so that either finds the other.
#pragma once

#include <filesystem>
#include <memory>

#include "understand/embed/onnx/onnx_session.h"
#include "understand/embed/text/bridge.h"
#include "understand/embed/text/text_encoder.h"
#include "understand/embed/text/use_tokenizer.h"

namespace zhiyin {

class UseEncoder final : public TextEncoder {
 public:
  static constexpr std::string_view kFolder = "models/use-lite";  // in the cache of models
  static constexpr std::string_view kSmallModel = "use-lite.int8.onnx";
  static constexpr std::string_view kWholeModel = "use-lite.onnx";
  static constexpr std::string_view kName = "text.use";
  static constexpr int kVersion = 2;
  static constexpr int kVersionWithoutBridge = 1;  // what it says of English is the same
  static constexpr std::size_t kDim = 512;
  // The node of the TensorFlow.js graph that gives the vector; the ONNX model keeps the name.
  static constexpr std::string_view kOutput = "module_apply_default/Encoder_en/hidden_layers/l2_normalize";

  enum class Precision {
    kSmall,  // products in eight bits: a quarter of the size, less than half the time, cosine to the whole model >=
             // .999
    kWhole,
  };

  // The folder holds vocab.json and the models (understand/embed/models.h makes them ready). Without the small model
  // the whole one is taken: their vectors are of one space. `bridge` may be null: then texts without Latin words are
  // zeros.
  static Result<std::unique_ptr<UseEncoder>> open(const std::filesystem::path& folder,
                                                  std::shared_ptr<const ChineseBridge> bridge,
                                                  Precision precision = Precision::kSmall);
  UseEncoder(UseTokenizer tokenizer, std::unique_ptr<OnnxSession> session,
             std::shared_ptr<const ChineseBridge> bridge = {});

  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] int version() const override { return bridge_ ? kVersion : kVersionWithoutBridge; }
  [[nodiscard]] std::size_t dim() const override { return kDim; }
  [[nodiscard]] Result<std::vector<float>> encode(std::span<const std::string> texts) const override;

  // What the encoder reads of a text: Chinese by its glosses, then what readable() leaves.
  [[nodiscard]] std::string in_english(const std::string& text) const;

  // The part of a text that the network can read. Its vocabulary has no letters but Latin ones: a text in another
  // script would be one unknown token, and all such texts one and the same vector. So: "" where there is no Latin word
  // or number, or where most letters are of other scripts; else the text with those letters cut out; a text that has
  // none is returned as it is.
  [[nodiscard]] static std::string readable(const std::string& text);

 private:
  [[nodiscard]] Result<void> run_batch(std::span<const std::vector<std::int64_t>> tokens,
                                       std::span<const std::size_t> rows, std::span<float> vectors) const;
  UseTokenizer tokenizer_;
  std::unique_ptr<OnnxSession> session_;
  std::shared_ptr<const ChineseBridge> bridge_;
};

}  // namespace zhiyin
