#include "understand/embed/conversions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "understand/embed/onnx/tfjs_to_onnx.h"
#include "understand/embed/text/use_encoder.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// The first numbers of one sentence's vector, as the original model gives them (tests/data/use_golden.json has more).
constexpr std::string_view kKnownSentence = "How to cook spicy noodles at home";
constexpr std::array kKnownVector = {
    0.0569973F, 0.0462639F, -0.0598786F, -0.0148678F, 0.0047817F, -0.0522844F,
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
      return internal(fmt::format("the converted model gives {} where the original gives {} (number {} of \"{}\"): not used",
                                  vector[i], kKnownVector[i], i, kKnownSentence));
    }
  }
  return {};
}

Result<std::string> convert_use_lite(const fs::path& folder) {
  ZY_TRY(const auto model, read_tfjs(folder / "model.json"));
  ZY_TRY(const auto onnx, tfjs_to_onnx(model, {.name = "use-lite", .outputs = {std::string(UseEncoder::kOutput)}}));
  auto bytes = onnx.serialize();
  ZY_CHECK_OK(check_against_known_vector(folder / "vocab.json", bytes));
  return bytes;
}

struct Conversion {
  std::string_view model;
  Result<std::string> (*convert)(const fs::path& folder);
};
constexpr std::array kConversions = {Conversion{"use-lite", convert_use_lite}};

}  // namespace

Result<std::string> converted(std::string_view model, const fs::path& folder) {
  const auto* conversion = std::ranges::find(kConversions, model, &Conversion::model);
  if (conversion == kConversions.end()) return invalid(fmt::format("this version cannot make {}", model));
  return conversion->convert(folder);
}

}  // namespace zhiyin
