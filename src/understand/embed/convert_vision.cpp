// CenterNet, NanoDet and the adult score, each checked on a picture made by formula; the reader of lines, made small.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <span>

#include "base/file.h"
#include "understand/embed/convert.h"
#include "understand/embed/onnx/onnx_reader.h"
#include "understand/embed/onnx/shrink.h"
#include "understand/embed/onnx/tfjs_to_onnx.h"
#include "understand/embed/vision/adult_score.h"
#include "understand/embed/vision/centernet.h"
#include "understand/embed/vision/known_line.h"
#include "understand/embed/vision/known_picture.h"
#include "understand/embed/vision/nanodet.h"
#include "understand/embed/vision/ocr_reader.h"

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

// How sure two versions of the reader are of each class, column by column of these lines, which use all that
// known_line() can draw. Columns without a sign are alike in any version, those with one tell.
constexpr std::array<std::string_view, 4> kLines = {"HELP 2024", "CAFE 1357", "PLACE", "JUL 0689"};

Result<double> least_cosine_of_lines(const OcrReader& whole, const OcrReader& small) {
  double least = 1;
  for (const auto text : kLines) {
    ZY_TRY(const auto expected, whole.probabilities(known_line(text)));
    ZY_TRY(const auto found, small.probabilities(known_line(text)));
    least = std::min(least, least_cosine(expected, found, whole.classes()));
  }
  return least;
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

// Nine products (1.0 of 2.8 million weights, most of them in the last, which tells 6,625 characters apart) in eight
// bits, the convolutions' kernels in half precision.
Result<std::string> shrink_ocr_reader(const fs::path& folder) {
  ZY_TRY(const auto bytes, read_file(folder / OcrReader::kWholeModel));
  ZY_TRY(auto model, read_onnx(bytes));
  ZY_TRY(const auto whole, OcrReader::open(folder, OcrReader::kWholeModel));
  ZY_TRY(auto shrunk, shrink(std::move(model), {}, [&](std::string_view small) -> Result<double> {
           ZY_TRY(auto session, OnnxSession::from_bytes(small));
           return least_cosine_of_lines(*whole, OcrReader(std::move(session), whole->keys()));
         }));
  return std::move(shrunk.bytes);
}

}  // namespace zhiyin
