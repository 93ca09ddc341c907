// Universal Sentence Encoder lite, whole and small; the Chinese dictionaries.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/file.h"
#include "base/kernels/vectors.h"
#include "understand/embed/convert.h"
#include "understand/embed/onnx/quantize.h"
#include "understand/embed/onnx/tfjs_to_onnx.h"
#include "understand/embed/text/dictionaries.h"
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

// Sentences of several lengths and kinds: the small model must say of each what the whole one says.
constexpr std::array<std::string_view, 8> kSentences = {
    "cat",
    "Soccer match highlights",
    "How to cook spicy noodles at home",
    "Relaxing piano music for sleep, study and meditation",
    "2024 NBA finals: game 7, last 5 minutes!!!",
    "we visited the old lighthouse, met its keeper and heard him play the violin at night while the storm came in from "
    "the sea",
    "GPU vs CPU benchmark",
    "a beginner's guide to fixing a flat bicycle tyre with nothing but a spoon, a bowl of water and patience",
};
constexpr double kLeastCosine = 0.999;

// The smallest cosine between what two versions of the model say of the sentences.
Result<double> least_cosine(const fs::path& vocabulary, std::string_view whole, std::string_view small) {
  const auto encode = [&](std::string_view onnx) -> Result<std::vector<float>> {
    ZY_TRY(auto tokenizer, UseTokenizer::open(vocabulary));
    ZY_TRY(auto session, OnnxSession::from_bytes(onnx));
    return UseEncoder(std::move(tokenizer), std::move(session))
        .encode(std::vector<std::string>(kSentences.begin(), kSentences.end()));
  };
  ZY_TRY(const auto expected, encode(whole));
  ZY_TRY(const auto found, encode(small));
  double least = 1;
  for (std::size_t at = 0; at < expected.size(); at += UseEncoder::kDim) {
    least = std::min(least, double{dot(&expected[at], &found[at], UseEncoder::kDim)});
  }
  return least;
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
// they save. Checked on this machine, because some processors saturate sums of eight-bit products: they get weights of
// seven bits, and if that is not enough none in eight bits.
Result<std::string> shrink_use_lite(const fs::path& folder) {
  constexpr std::size_t kLeastValues = 250'000;
  ZY_TRY(const auto whole, use_lite_model(folder));
  double cosine = 0;
  for (const int top_level : {127, 63, 0}) {
    auto small = whole;
    pointwise_convolutions_to_products(small);
    quantize(small, {.products = top_level > 0, .least_values = kLeastValues, .top_level = top_level});
    store_in_half(small);
    auto bytes = small.serialize();
    ZY_TRY(cosine, least_cosine(folder / "vocab.json", whole.serialize(), bytes));
    if (cosine >= kLeastCosine) return bytes;
  }
  return internal(
      fmt::format("the small model's vectors have a cosine of {:.5f} to the whole one's, {} is needed: not used",
                  cosine, kLeastCosine));
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
