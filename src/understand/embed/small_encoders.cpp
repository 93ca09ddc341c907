#include "understand/embed/small_encoders.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "understand/embed/onnx/onnx_reader.h"
#include "understand/embed/onnx/shrink.h"
#include "understand/embed/sound/onnx_sound_sense.h"
#include "understand/embed/sound/onnx_speech_to_words.h"
#include "understand/embed/text/known_sentences.h"
#include "understand/embed/text/onnx_text_encoder.h"
#include "understand/embed/vision/known_picture.h"
#include "understand/embed/vision/onnx_picture_sense.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 1;  // raised when what is made changes

// --- What an encoder says of inputs made by formula.

struct Said {
  std::vector<float> rows;
  std::size_t dim = 0;
};

// The known picture, a part of it, and it with colours changed.
std::vector<Frame> known_frames() {
  std::vector<Frame> frames = {known_picture(320), known_picture(320), known_picture(320)};
  std::ranges::reverse(frames[1].rgb);
  auto& bands = frames[2];
  for (std::size_t i = 0; i < bands.rgb.size(); i += 3) bands.rgb[i] = static_cast<std::uint8_t>(i / 97);
  return frames;
}

// A chord, a tone that rises, and noise, each 1/5 of full loudness.
std::vector<std::vector<float>> known_sounds(int rate, double seconds) {
  const auto size = static_cast<std::size_t>(std::lround(rate * seconds));
  std::vector<std::vector<float>> sounds(3, std::vector<float>(size));
  Random random(1);
  for (std::size_t i = 0; i < size; ++i) {
    const double t = static_cast<double>(i) / rate;
    const auto tone = [&](double hz) { return static_cast<float>(std::sin(2 * std::numbers::pi * hz * t)); };
    sounds[0][i] = (tone(261.63) + tone(329.63) + tone(392.0)) / 15;
    sounds[1][i] = tone(200 + 300 * t) / 5;
    sounds[2][i] = random.normal() / 15;
  }
  return sounds;
}

Result<Said> said(const EncoderDescription& description) {
  Said said;
  const auto append = [&](const std::vector<float>& row) {
    said.dim = row.size();
    said.rows.insert(said.rows.end(), row.begin(), row.end());
  };
  switch (description.modality) {
    case EncoderModality::kText: {
      ZY_TRY(const auto encoder, OnnxTextEncoder::open(description));
      ZY_TRY(said.rows, encoder->encode(known_sentences()));
      said.dim = encoder->dim();
      break;
    }
    case EncoderModality::kPicture: {
      ZY_TRY(const auto sense, OnnxPictureSense::open(description));
      for (const auto& frame : known_frames()) {
        ZY_TRY(const auto row, sense->encode(frame));
        append(row);
      }
      break;
    }
    case EncoderModality::kSound: {
      ZY_TRY(const auto sense, OnnxSoundSense::open(description));
      for (auto& sound : known_sounds(description.sound.rate, description.sound.seconds)) {
        ZY_TRY(const auto row, sense->encode(std::move(sound)));
        append(row);
      }
      break;
    }
    case EncoderModality::kSpeech: {
      ZY_TRY(const auto recogniser, OnnxSpeechToWords::open(description));
      for (const auto& sound : known_sounds(description.sound.rate, description.sound.seconds)) {
        ZY_TRY(const auto row, recogniser->first_scores(sound));
        append(row);
      }
      break;
    }
  }
  return said;
}

// --- Making and keeping.

class Maker {
 public:
  Maker(const EncoderDescription& description, fs::path stem) : whole_(description), stem_(std::move(stem)) {}

  // Makes the networks, and returns the note to be kept beside them: sizes and cosine, or why they are not to be used.
  // An error: the whole ones do not run.
  Result<Json> make() {
    ZY_TRY(expected_, said(whole_));
    auto small = whole_;
    auto done = shrink_file(small, small.file, stem_.string() + ".onnx");
    if (done.ok() && !whole_.decoder.empty())
      done = shrink_file(small, small.decoder, stem_.string() + ".decoder.onnx");
    if (!done.ok()) return Json::object({{"refused", done.error().message}});
    return Json::object({{"cosine", cosine_},
                         {"whole_bytes", whole_bytes_},
                         {"bytes", bytes_},
                         {"products", products_},
                         {"tables", tables_}});
  }

 private:
  // file: the one of the description that is made small now; what it says afterwards is the small one.
  Result<void> shrink_file(EncoderDescription& description, fs::path& file, const fs::path& kept) {
    ZY_TRY(const auto bytes, read_file(file));
    ZY_TRY(auto model, read_onnx(bytes).in(file.string()));
    whole_bytes_ += static_cast<std::int64_t>(bytes.size());
    const fs::path aside = fmt::format("{}.{}.part", kept.string(), getpid());
    auto shrunk = shrink(std::move(model), {.least_cosine = kLeastCosineOfSmallEncoder},
                         [&](std::string_view small) -> Result<double> {
                           ZY_CHECK_OK(write_file_atomic(aside, small));
                           file = aside;
                           ZY_TRY(const auto found, said(description));
                           return least_cosine(expected_.rows, found.rows, expected_.dim);
                         });
    std::error_code failed;
    if (!shrunk.ok()) {
      fs::remove(aside, failed);
      return std::move(shrunk).error();
    }
    fs::rename(aside, kept, failed);
    if (failed) return internal(fmt::format("{}: {}", kept.string(), failed.message()));
    file = kept;
    cosine_ = shrunk->cosine;
    bytes_ += static_cast<std::int64_t>(shrunk->bytes.size());
    products_ += static_cast<std::int64_t>(shrunk->in_eight_bits.products);
    tables_ += static_cast<std::int64_t>(shrunk->in_eight_bits.tables);
    return {};
  }

  const EncoderDescription& whole_;
  fs::path stem_;
  Said expected_;
  double cosine_ = 0;
  std::int64_t whole_bytes_ = 0, bytes_ = 0, products_ = 0, tables_ = 0;
};

Result<std::string> key_of(const EncoderDescription& description) {
  auto text = fmt::format("small encoder {}: {} {} {}\n", kVersion, description.output,
                          static_cast<int>(description.pooling), description.normalise);
  for (const auto& file : {description.file, description.decoder}) {
    if (file.empty()) continue;
    ZY_TRY(const auto hash, sha256_file(file));
    text += hash + "\n";
  }
  return sha256_hex(text).substr(0, 32);
}

// The note: of before, or made now. A reason not to use the networks is kept too: it would be the same next time.
Result<Json> note_of(const EncoderDescription& description, const fs::path& stem) {
  const fs::path path = stem.string() + ".json";
  if (const auto text = read_file(path); text.ok()) {
    if (auto note = Json::parse(*text); note.ok()) return note;
  }
  std::error_code failed;
  fs::create_directories(stem.parent_path(), failed);
  log_info("{}: making its networks small, once", description.name);
  ZY_TRY(auto note, Maker(description, stem).make());
  ZY_CHECK_OK(write_file_atomic(path, note.pretty() + "\n"));
  return note;
}

Result<SmallEncoder> in_eight_bits(const EncoderDescription& description, const fs::path& cache) {
  ZY_TRY(const auto key, key_of(description));
  const auto stem = cache / "int8" / key;
  ZY_TRY(const auto note, note_of(description, stem));
  if (note.has("refused")) return invalid(std::string(note["refused"].as_string()));
  SmallEncoder small{description, {}};
  small.description.file = stem.string() + ".onnx";
  if (!description.decoder.empty()) small.description.decoder = stem.string() + ".decoder.onnx";
  small.found = fmt::format("in eight bits: {:.1f} of {:.1f} MB, products {}, tables {}, cosine {:.5f}",
                            note["bytes"].as_number() * 1e-6, note["whole_bytes"].as_number() * 1e-6,
                            note["products"].as_integer(), note["tables"].as_integer(), note["cosine"].as_number());
  return small;
}

}  // namespace

SmallEncoder small_encoder(const EncoderDescription& description, const fs::path& cache) {
  if (!description.int8) return {description, {}};
  auto small = in_eight_bits(description, cache);
  if (small.ok()) {
    log_info("{}: {}", description.name, small->found);
    return std::move(*small);
  }
  log_warning("{}: int8 = true is not followed: {}", description.name, small.error().message);
  return {description, "not in eight bits: " + small.error().message};
}

}  // namespace zhiyin
