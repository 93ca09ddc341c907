// Universal Sentence Encoder lite, whole and small; the Chinese dictionaries.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/file.h"
#include "understand/embed/convert.h"
#include "understand/embed/onnx/shrink.h"
#include "understand/embed/onnx/tfjs_to_onnx.h"
#include "understand/embed/text/dictionaries.h"
#include "understand/embed/text/known_sentences.h"
#include "understand/embed/text/use_encoder.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// The first numbers of one sentence's vector, as the original model gives them (tests/data/use_golden.json has more).
constexpr std::string_view kKnownSentence = "How to cook spicy noodles at home";
constexpr std::array kKnownVector = {
    0.0569973F,  0.0462639F, -0.0598786F, -0.0148678F, 0.0047817F,  -0.0522844F,
    -0.0378624F, 0.0118994F, -0.0418916F, -0.0599198F, -0.0006935F, -0.0122151F,
};
constexpr double kTolerance = 1e-4;

Result<void> check_against_known_vector(const fs::path& vocabulary, std::string_view onnx) {
  ZY_TRY(auto tokenizer, UseTokenizer::open(vocabulary));
  ZY_TRY(auto session, OnnxSession::from_bytes(onnx));
  const UseEncoder encoder(std::move(tokenizer), std::move(session));
  ZY_TRY(const auto vector, encoder.encode_one(std::string(kKnownSentence)));
  for (std::size_t i = 0; i < kKnownVector.size(); ++i) {
    if (!(std::abs(vector[i] - kKnownVector[i]) <= kTolerance)) {
      return internal(
          fmt::format("the converted model gives {} where the original gives {} (number {} of \"{}\"): not used",
                      vector[i], kKnownVector[i], i, kKnownSentence));
    }
  }
  return {};
}

Result<OnnxModel> use_lite_model(const fs::path& folder) {
  ZY_TRY(const auto model, read_tfjs(folder / "model.json"));
  return tfjs_to_onnx(model, {.name = "use-lite", .outputs = {std::string(UseEncoder::kOutput)}});
}

// What a version of the model says of the known sentences.
Result<std::vector<float>> said(const fs::path& vocabulary, std::string_view onnx) {
  ZY_TRY(auto tokenizer, UseTokenizer::open(vocabulary));
  ZY_TRY(auto session, OnnxSession::from_bytes(onnx));
  return UseEncoder(std::move(tokenizer), std::move(session)).encode(known_sentences());
}

// The bytes of a safetensors file of these arrays.
Result<std::string> bytes_of(const Tensors& arrays, const fs::path& folder) {
  const auto aside = folder / ".arrays.part";
  ZY_CHECK_OK(arrays.save(aside));
  auto bytes = read_file(aside);
  std::error_code ignored;
  fs::remove(aside, ignored);
  return bytes;
}

}  // namespace

Result<std::string> convert_use_lite(const fs::path& folder) {
  ZY_TRY(const auto onnx, use_lite_model(folder));
  auto bytes = onnx.serialize();
  ZY_CHECK_OK(check_against_known_vector(folder / "vocab.json", bytes));
  return bytes;
}

// A quarter of the size. Five products hold most of the weights and take most of the time: those go to eight bits, and
// the embeddings, and what is left to half precision. Smaller products would cost more in accuracy (cosine .998) than
// they save.
Result<std::string> shrink_use_lite(const fs::path& folder) {
  ZY_TRY(auto model, use_lite_model(folder));
  const auto vocabulary = folder / "vocab.json";
  ZY_TRY(const auto expected, said(vocabulary, model.serialize()));
  pointwise_convolutions_to_products(model);
  ZY_TRY(auto shrunk, shrink(std::move(model), {.least_values = 250'000, .least_cosine = 0.999},
                             [&](std::string_view small) -> Result<double> {
                               ZY_TRY(const auto found, said(vocabulary, small));
                               return least_cosine(expected, found, UseEncoder::kDim);
                             }));
  return std::move(shrunk.bytes);
}

Result<std::string> make_words(const fs::path& folder) {
  ZY_TRY(const auto dict, read_file(folder / "dict.txt"));
  ZY_TRY(const auto idf, read_file(folder / "idf.txt"));
  ZY_TRY(const auto words, words_of_jieba(dict, idf));
  return bytes_of(words, folder);
}

Result<std::string> make_glosses(const fs::path& folder) {
  ZY_TRY(const auto all, read_file(folder / "all.js"));
  ZY_TRY(const auto glosses, glosses_of_cedict(all));
  return bytes_of(glosses, folder);
}

}  // namespace zhiyin
