// "sound.pitch": music by its notes (notes.h), heard by basic-pitch, and the fact "notes_per_s". Of 3 s of what is
// neither silence nor speech and more; the vector only where there are 8 notes and more.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "understand/embed/sound/basic_pitch.h"
#include "understand/embed/sound/voice_activity.h"
#include "understand/sense.h"

namespace zhiyin {

inline constexpr std::string_view kPitchEncoder = "sound.pitch";

// The places in a sound at BasicPitch::kRate from which the stretches that are listened to start: one after the other
// (BasicPitch::kHop apart) where the whole fits `most`, else as many, evenly spread. Stretches that are silent, or
// mostly speech, are left out before they are counted.
std::vector<std::size_t> music_stretches(const Sound& sound, std::span<const SpeechSegment> speech, std::size_t most);

// Without a voice detector (null) speech is listened to as well.
std::unique_ptr<Sense> pitch_sense(std::unique_ptr<BasicPitch> model, std::shared_ptr<const VoiceActivity> voices);

}  // namespace zhiyin
