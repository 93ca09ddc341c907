#include "understand/embed/described_encoders.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "understand/embed/encoder_names.h"
#include "understand/embed/manifest.h"
#include "understand/embed/small_encoders.h"
#include "understand/embed/sound/onnx_sound_sense.h"
#include "understand/embed/sound/onnx_speech_to_words.h"
#include "understand/embed/sound/speech_senses.h"
#include "understand/embed/text/onnx_text_encoder.h"
#include "understand/embed/vision/onnx_picture_sense.h"

namespace zhiyin {
namespace {

std::string_view name_of(EncoderModality modality) {
  switch (modality) {
    case EncoderModality::kText: return "text";
    case EncoderModality::kPicture: return "pictures";
    case EncoderModality::kSound: return "sound";
    case EncoderModality::kSpeech: return "speech to words";
  }
  return "";
}

// What it gives, or why it cannot be opened.
Result<std::string> tried(const EncoderDescription& description) {
  if (description.modality == EncoderModality::kText) {
    ZY_TRY(const auto encoder, OnnxTextEncoder::open(description));
    return fmt::format("{} numbers", encoder->dim());
  }
  if (description.modality == EncoderModality::kPicture) {
    ZY_TRY(const auto sense, OnnxPictureSense::open(description));
    return fmt::format("{} numbers", sense->dim());
  }
  if (description.modality == EncoderModality::kSound) {
    ZY_TRY(const auto sense, OnnxSoundSense::open(description));
    return fmt::format("{} numbers", sense->dim());
  }
  ZY_CHECK_OK(OnnxSpeechToWords::open(description));
  return std::string("words");
}

Result<std::unique_ptr<Sense>> open_sense(const EncoderDescription& description, const std::filesystem::path& cache) {
  if (description.modality == EncoderModality::kPicture) {
    ZY_TRY(auto sense, OnnxPictureSense::open(description));
    return std::unique_ptr<Sense>(std::move(sense));
  }
  if (description.modality == EncoderModality::kSound) {
    ZY_TRY(auto sense, OnnxSoundSense::open(description));
    return std::unique_ptr<Sense>(std::move(sense));
  }
  ZY_TRY(auto recogniser, OnnxSpeechToWords::open(description));
  ZY_TRY(std::shared_ptr<const VoiceActivity> voices, VoiceActivity::open(cache / VoiceActivity::kFolder));
  return words_sense(std::move(recogniser), std::move(voices));
}

void find_companions(std::vector<EncoderDescription>& descriptions) {
  for (auto& one : descriptions) {
    for (const auto& other : descriptions) {
      if (!one.space.empty() && one.space == other.space && one.name != other.name)
        one.companions[other.name] = other.version;
    }
  }
}

void warn_left_out(const Error& error) { log_warning("an encoder that was described is left out: {}", error.message); }

}  // namespace

Result<std::vector<EncoderDescription>> described_encoders(const std::filesystem::path& cache,
                                                           const std::filesystem::path& home) {
  ZY_TRY(auto descriptions, read_encoder_descriptions(home / "encoders.toml", home));
  for (const auto& description : descriptions) {
    if (const auto owner = owner_of_encoder_name(description.name); !owner.empty()) {
      return invalid(fmt::format("{}: the name {} is that of an encoder of {}: call this one otherwise",
                                 description.place, description.name, owner));
    }
  }
  if (const auto manifest = find_manifest(); manifest.ok()) {
    ZY_TRY(auto shared, read_encoder_descriptions(*manifest, cache));
    for (auto& description : shared) {
      const bool replaced =
          std::ranges::find(descriptions, description.name, &EncoderDescription::name) != descriptions.end();
      if (!replaced) descriptions.push_back(std::move(description));
    }
  }
  find_companions(descriptions);
  return descriptions;
}

void open_described_text(const std::vector<EncoderDescription>& descriptions, const std::filesystem::path& cache,
                         std::vector<std::unique_ptr<TextEncoder>>& encoders) {
  for (const auto& description : descriptions) {
    if (description.modality != EncoderModality::kText) continue;
    if (auto opened = OnnxTextEncoder::open(small_encoder(description, cache).description); opened.ok()) {
      encoders.push_back(std::move(opened).value());
    } else {
      warn_left_out(opened.error());
    }
  }
}

void open_described_senses(const std::vector<EncoderDescription>& descriptions, const std::filesystem::path& cache,
                           Senses& senses) {
  for (const auto& description : descriptions) {
    if (description.modality == EncoderModality::kText) continue;
    if (auto opened = open_sense(small_encoder(description, cache).description, cache); opened.ok()) {
      senses.push_back(std::move(opened).value());
    } else {
      warn_left_out(opened.error());
    }
  }
}

std::vector<DescribedStatus> described_status(const std::vector<EncoderDescription>& descriptions,
                                              const std::filesystem::path& cache) {
  std::vector<DescribedStatus> statuses;
  for (const auto& description : descriptions) {
    const auto small = small_encoder(description, cache);
    auto result = tried(small.description);
    DescribedStatus status{description, {}, {}};
    if (result.ok()) {
      status.found = fmt::format("{}: {}, {}{}{}", name_of(description.modality), *result, description.licence,
                                 small.found.empty() ? "" : "; ", small.found);
    } else {
      status.problem = result.error().message;
    }
    statuses.push_back(std::move(status));
  }
  return statuses;
}

}  // namespace zhiyin
