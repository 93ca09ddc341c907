#include "understand/embed/conversions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <span>
#include <numbers>
#include <vector>

#include "understand/embed/onnx/tfjs_to_onnx.h"
#include "understand/embed/sound/basic_pitch.h"
#include "understand/embed/text/use_encoder.h"
#include "understand/embed/vision/adult_score.h"
#include "understand/embed/vision/centernet.h"
#include "understand/embed/vision/known_picture.h"
#include "understand/embed/vision/nanodet.h"

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

// What the original gives at one place of an output (tests/data/vision_golden.json has all places).
struct KnownNumber {
  std::size_t place;
  float value;
};

Result<void> check_known_numbers(std::span<const float> given, std::initializer_list<KnownNumber> known, double tolerance) {
  for (const auto& [place, value] : known) {
    if (place >= given.size() || !(std::abs(given[place] - value) <= tolerance)) {
      return internal(fmt::format("the converted model gives {} where the original gives {} (number {} of the known picture): not used",
                                  place < given.size() ? given[place] : 0, value, place));
    }
  }
  return {};
}

Result<std::string> convert_centernet(const fs::path& folder) {
  ZY_TRY(const auto model, read_tfjs(folder / "centernet.json"));
  ZY_TRY(const auto onnx, tfjs_to_onnx(model, {.name = "centernet",
                                               .outputs = {std::string(CenterNet::kHeatMap), std::string(CenterNet::kFeatures)}}));
  auto bytes = onnx.serialize();
  ZY_TRY(auto session, OnnxSession::from_bytes(bytes));
  ZY_TRY(const auto seen, CenterNet(std::move(session)).view(known_picture(CenterNet::kSide)));
  ZY_CHECK_OK(check_known_numbers(seen.scores, {{0, 0.0306866F}, {11, 0.8853391F}, {49, 0.2415845F}}, 1e-4));
  ZY_CHECK_OK(check_known_numbers(seen.look, {{0, -0.0408753F}, {3, -0.2188031F}, {4, 0.1458848F}}, 1e-4));
  return bytes;
}

Result<std::string> convert_nanodet(const fs::path& folder) {
  ZY_TRY(const auto model, read_tfjs(folder / "nanodet.json"));
  ZY_TRY(const auto onnx, tfjs_to_onnx(model, {.name = "nanodet", .outputs = {NanoDet::kScores.begin(), NanoDet::kScores.end()}}));
  auto bytes = onnx.serialize();
  ZY_TRY(auto session, OnnxSession::from_bytes(bytes));
  ZY_TRY(const auto seen, NanoDet(std::move(session)).view(known_picture(NanoDet::kSide)));
  ZY_CHECK_OK(check_known_numbers(seen.scores, {{0, 0.1287906F}, {11, 0.8594106F}, {49, 0.5767333F}}, 1e-4));
  return bytes;
}

Result<std::string> convert_nsfw(const fs::path& folder) {
  ZY_TRY(const auto model, read_tfjs(folder / "model.min.js"));
  ZY_TRY(const auto onnx, tfjs_to_onnx(model, {.name = "nsfw", .outputs = {std::string(AdultModel::kOutput)}}));
  auto bytes = onnx.serialize();
  ZY_TRY(auto session, OnnxSession::from_bytes(bytes));
  ZY_TRY(const auto classes, AdultModel(std::move(session)).classes(known_picture(AdultModel::kSide)));
  ZY_CHECK_OK(check_known_numbers(classes, {{0, 0.0142198F}, {1, 0.0003922F}, {2, 0.9852619F}}, 1e-4));
  return bytes;
}

// A chord of C4, E4 and G4, each with its second and third partial, dying away.
std::vector<float> known_chord() {
  std::vector<float> samples(BasicPitch::kWindow);
  for (int t = 0; t < BasicPitch::kWindow; ++t) {
    const double seconds = static_cast<double>(t) / BasicPitch::kRate;
    double sum = 0;
    for (const double hz : {261.63, 329.63, 392.0}) {
      for (int partial = 1; partial <= 3; ++partial) sum += std::sin(2 * std::numbers::pi * hz * partial * seconds) / partial;
    }
    samples[t] = static_cast<float>(0.2 * sum * std::exp(-1.5 * seconds));
  }
  return samples;
}

// How likely keys sound in that chord, as the original model says (tests/data/basic_pitch_golden.json has more).
struct KnownKey {
  int frame;
  int key;
  float note;
};
constexpr std::array kKnownKeys = {KnownKey{20, 39, 0.6733779F}, KnownKey{20, 43, 0.8014902F}, KnownKey{20, 46, 0.7492358F},
                                   KnownKey{80, 39, 0.6551042F}, KnownKey{80, 46, 0.7232450F}, KnownKey{80, 51, 0.1186411F}};

Result<std::string> convert_basic_pitch(const fs::path& folder) {
  ZY_TRY(const auto model, read_tfjs(folder / "model.json"));
  ZY_TRY(const auto onnx, tfjs_to_onnx(model, {.name = "basic-pitch", .outputs = {std::string(BasicPitch::kNotes), std::string(BasicPitch::kOnsets)}}));
  auto bytes = onnx.serialize();
  ZY_TRY(auto session, OnnxSession::from_bytes(bytes));
  ZY_TRY(const auto heard, BasicPitch(std::move(session)).window(known_chord()));
  for (const auto& known : kKnownKeys) {
    const float note = heard.notes[static_cast<std::size_t>(known.frame) * KeyFrames::kKeys + known.key];
    if (!(std::abs(note - known.note) <= kTolerance)) {
      return internal(fmt::format("the converted model gives {} where the original gives {} (frame {}, key {}): not used", note,
                                  known.note, known.frame, known.key));
    }
  }
  return bytes;
}

struct Conversion {
  std::string_view model;
  Result<std::string> (*convert)(const fs::path& folder);
};
constexpr std::array kConversions = {
    Conversion{"use-lite", convert_use_lite},
    Conversion{"centernet", convert_centernet},
    Conversion{"nanodet", convert_nanodet},
    Conversion{"nsfw", convert_nsfw},
    Conversion{"basic-pitch", convert_basic_pitch},
};

}  // namespace

Result<std::string> converted(std::string_view model, const fs::path& folder) {
  const auto* conversion = std::ranges::find(kConversions, model, &Conversion::model);
  if (conversion == kConversions.end()) return invalid(fmt::format("this version cannot make {}", model));
  return conversion->convert(folder);
}

}  // namespace zhiyin
