#include "understand/embed/encoder_names.h"

#include <algorithm>

#include "understand/embed/own_nets.h"
#include "understand/embed/remote/reader_sense.h"
#include "understand/embed/remote/remote_text_encoder.h"
#include "understand/embed/sound/fingerprint.h"
#include "understand/embed/sound/pitch_sense.h"
#include "understand/embed/sound/pocketsphinx_words.h"
#include "understand/embed/sound/sound_features.h"
#include "understand/embed/sound/speech_senses.h"
#include "understand/embed/text/hashed_text.h"
#include "understand/embed/text/keywords.h"
#include "understand/embed/text/use_encoder.h"
#include "understand/embed/vision/adult_score.h"
#include "understand/embed/vision/centernet.h"
#include "understand/embed/vision/nanodet.h"
#include "understand/embed/vision/perceptual_hash.h"
#include "understand/embed/vision/picture_features.h"
#include "understand/embed/vision/screen_text.h"
#include "understand/embed/vision/shot_statistics.h"
#include "understand/media/media.h"

namespace zhiyin {
namespace {

constexpr std::string_view kOwnNames[] = {
    kDecoderName,         kOwnSound,      kOwnPictures,      UseEncoder::kName,     HashedText::kName,
    KeywordFinder::kName, kVoiceEncoder,  kSoundEncoder,     kPitchEncoder,         kSpeechEncoder,
    kFingerprint,         kPocketsphinx,  kPictureEncoder,   PerceptualHash::kName, ShotSense::kName,
    CenterNet::kName,     NanoDet::kName, ScreenText::kName, AdultScore::kName,
};

}  // namespace

std::string owner_of_encoder_name(std::string_view name, std::span<const EncoderDescription> described) {
  if (std::ranges::find(kOwnNames, name) != std::end(kOwnNames)) return "this program";
  if (name.starts_with(RemoteTextEncoder::kPrefix) || name.starts_with(ReaderSense::kPrefix)) return "an endpoint";
  const auto found = std::ranges::find(described, name, &EncoderDescription::name);
  return found == described.end() ? std::string() : found->place;
}

}  // namespace zhiyin
