// basic-pitch, checked on a chord made by formula.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "understand/embed/convert.h"
#include "understand/embed/onnx/tfjs_to_onnx.h"
#include "understand/embed/sound/basic_pitch.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// A chord of C4, E4 and G4, each with its second and third partial, dying away.
std::vector<float> known_chord() {
  std::vector<float> samples(BasicPitch::kWindow);
  for (int t = 0; t < BasicPitch::kWindow; ++t) {
    const double seconds = static_cast<double>(t) / BasicPitch::kRate;
    double sum = 0;
    for (const double hz : {261.63, 329.63, 392.0}) {
      for (int partial = 1; partial <= 3; ++partial)
        sum += std::sin(2 * std::numbers::pi * hz * partial * seconds) / partial;
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
constexpr std::array kKnownKeys = {KnownKey{20, 39, 0.6733779F}, KnownKey{20, 43, 0.8014902F},
                                   KnownKey{20, 46, 0.7492358F}, KnownKey{80, 39, 0.6551042F},
                                   KnownKey{80, 46, 0.7232450F}, KnownKey{80, 51, 0.1186411F}};

}  // namespace

Result<std::string> convert_basic_pitch(const fs::path& folder) {
  ZY_TRY(const auto model, read_tfjs(folder / "model.json"));
  ZY_TRY(const auto onnx,
         tfjs_to_onnx(model, {.name = "basic-pitch",
                              .outputs = {std::string(BasicPitch::kNotes), std::string(BasicPitch::kOnsets)}}));
  auto bytes = onnx.serialize();
  ZY_TRY(auto session, OnnxSession::from_bytes(bytes));
  ZY_TRY(const auto heard, BasicPitch(std::move(session)).window(known_chord()));
  for (const auto& known : kKnownKeys) {
    const float note = heard.notes[static_cast<std::size_t>(known.frame) * KeyFrames::kKeys + known.key];
    if (!(std::abs(note - known.note) <= 1e-4)) {
      return internal(
          fmt::format("the converted model gives {} where the original gives {} (frame {}, key {}): not used", note,
                      known.note, known.frame, known.key));
    }
  }
  return bytes;
}

}  // namespace zhiyin
