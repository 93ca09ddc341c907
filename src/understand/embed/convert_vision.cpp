// CenterNet, NanoDet and the adult score, each checked on a picture made by formula.
#include <fmt/format.h>

#include <cmath>
#include <initializer_list>
#include <span>

#include "understand/embed/convert.h"
#include "understand/embed/onnx/tfjs_to_onnx.h"
#include "understand/embed/vision/adult_score.h"
#include "understand/embed/vision/centernet.h"
#include "understand/embed/vision/known_picture.h"
#include "understand/embed/vision/nanodet.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// What the original gives at one place of an output (tests/data/vision_golden.json has all places).
struct KnownNumber {
  std::size_t place;
  float value;
};

Result<void> check_known_numbers(std::span<const float> given, std::initializer_list<KnownNumber> known,
                                 double tolerance) {
  for (const auto& [place, value] : known) {
    if (place >= given.size() || !(std::abs(given[place] - value) <= tolerance)) {
      return internal(fmt::format(
          "the converted model gives {} where the original gives {} (number {} of the known picture): not used",
          place < given.size() ? given[place] : 0, value, place));
    }
  }
  return {};
}

}  // namespace

Result<std::string> convert_centernet(const fs::path& folder) {
  ZY_TRY(const auto model, read_tfjs(folder / "centernet.json"));
  ZY_TRY(const auto onnx,
         tfjs_to_onnx(model, {.name = "centernet",
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
  ZY_TRY(const auto onnx,
         tfjs_to_onnx(model, {.name = "nanodet", .outputs = {NanoDet::kScores.begin(), NanoDet::kScores.end()}}));
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

}  // namespace zhiyin
