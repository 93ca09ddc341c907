// The table "understanding": what the features of files know, asked without any name or tag (names spell the labels).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "learn/eval/table.h"

namespace zhiyin {

struct UnderstandingOptions {
  std::filesystem::path data;                       // a data root with media/, or the media folder itself
  std::filesystem::path worker = "/proc/self/exe";  // see decode()
  int threads = 1;
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// One row a set and encoder: blocks sound, picture and video, metrics nn1 (its interval over clips), p5, chance and
// clips, all by leave-one-out nearest neighbours (learn/eval/leave_one_out.h); a class of one clip counts nowhere.
// split_sha256 is of the lines "path<TAB>label<LF>" used. The results:
//   sound.nn1 sound.p5 sound.chance sound.clips   all labelled sounds, every sense of sound fused (embed/fusion.h)
//   sound.classic_nn1 sound.speech_embedding_nn1  one sense alone
//   sound.mfcc_nn1                                MFCC mean, deviation and change alone
//   sound.SOURCE.nn1 sound.SOURCE.chance          only clips of one source ask (all answer)
//   sound.digits.other_speaker_nn1 .._chance      spoken digits, answers by the same speaker barred
//   picture.nn1 picture.p5 picture.chance picture.clips   drawn stamps by category, by what is seen, fused
//   picture.PART_nn1                              parts of it alone: hist (colour histogram), classic, tags
//                                                 (CenterNet's kinds of
//                                                 object), look (its 480 numbers), nanodet (not in the fusion)
//   picture.subcategory_nn1 .._chance             the same stamps by their finer category
//   video.nn1 video.p5 video.chance video.clips   videos by label, by what is seen, fused
//   video.PART_nn1                                the same parts, and shots (cuts and motion)
//   tiktok.cold_*                                 where the data root has it: what content says of who will play a new
//                                                 video, with rows of its own (learn/eval/t6.h)
//   compress.*                                    what smaller models and vectors cost
//                                                 (learn/eval/understanding_compress.h)
//   cost.*                                        what a clip costs (learn/eval/understanding_cost.h)
// and, where the data root has a folder text/, those of understanding_text.h.
// Those of fusion and pretraining are in learn/eval/understanding_own.h.
struct Understanding {
  Table table;
  std::vector<std::string> failures;  // "path: reason" of clips that could not be decoded; they count nowhere
  std::vector<std::string> notes;     // examples, for people
};

// Errors name the table and column that is missing.
Result<Understanding> evaluate_understanding(const UnderstandingOptions& options);

}  // namespace zhiyin
