// What the senses of sound make of a clip, for the table "understanding": their vectors one after the other, each
// alone, and fused.
#pragma once

#include <array>
#include <limits>
#include <span>

#include "domain/feature_block.h"
#include "learn/eval/leave_one_out.h"
#include "understand/embed/sound/notes.h"
#include "understand/embed/sound/pitch_sense.h"
#include "understand/embed/sound/sound_features.h"
#include "understand/embed/sound/speech_senses.h"
#include "understand/sense.h"

namespace zhiyin {

inline constexpr int kSpeechFeatures = 2 * SpeechEmbedding::kDim;
inline constexpr std::array<FeatureBlock, 3> kHeardBlocks{
    {{kSoundEncoder, 0, kSoundFeatures},
     {kPitchEncoder, kSoundFeatures, kNoteFeatures},
     {kSpeechEncoder, kSoundFeatures + kNoteFeatures, kSpeechFeatures}}};

// The vectors of the blocks, NaN where a sense gave none. An error of a sense is one of the clip's.
Result<std::vector<float>> heard_vector(const Senses& senses, const Decoded& decoded);

// One block of heard vectors: only of the clips that have it.
LabelledVectors alone(const LabelledVectors& heard, const FeatureBlock& block);

// All blocks of every clip by the fusion that the engine uses, fitted over these clips without their labels.
LabelledVectors fused(const LabelledVectors& heard);

}  // namespace zhiyin
