// The senses of speech, each over Decoded::speech.
#pragma once

#include <memory>

#include "understand/embed/sound/speech_embedding.h"
#include "understand/embed/sound/speech_to_words.h"
#include "understand/embed/sound/voice_activity.h"
#include "understand/sense.h"

namespace zhiyin {

inline constexpr std::string_view kVoiceEncoder = "sound.vad";
inline constexpr std::string_view kSpeechEncoder = "speech.embedding";

// "sound.vad": facts "speech_share" of the sound that was decoded, [0, 1], and "speech_segments", how many.
std::unique_ptr<Sense> voice_sense(std::shared_ptr<const VoiceActivity> voices);

// "speech.embedding": mean (96) and standard deviation (96) over windows of the whole sound. Keeping to what the voice
// detector calls speech was tried: the labelled sounds are told apart better without (1-NN .60 against .56, beside
// sound.classic).
std::unique_ptr<Sense> speech_embedding_sense(std::unique_ptr<SpeechEmbedding> model);

// Passages "speech" by a recogniser, whose name the sense has. What it cost is logged: processor seconds per second of
// speech.
std::unique_ptr<Sense> words_sense(std::unique_ptr<SpeechToWords> recogniser,
                                   std::shared_ptr<const VoiceActivity> voices);

}  // namespace zhiyin
