// The table "understanding": what the features of files know, asked without any name or tag (names spell the labels).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace zhiyin {

struct UnderstandingOptions {
  std::filesystem::path data;  // a data root with media/, or the media folder itself
  std::filesystem::path worker = "/proc/self/exe";  // see decode()
  int threads = 1;
  std::function<void(std::string_view what, std::size_t done, std::size_t total)> on_progress =
      [](std::string_view, std::size_t, std::size_t) {};
};

// results, all by leave-one-out nearest neighbours (learn/eval/leave_one_out.h); classes of one clip count nowhere:
//   sound.nn1 sound.p5 sound.chance sound.clips   all labelled sounds, sound.classic
//   sound.mfcc_nn1                                MFCC mean, deviation and change alone
//   sound.SOURCE.nn1 sound.SOURCE.chance          only clips of one source ask (all answer)
//   sound.digits.other_speaker_nn1 .._chance      spoken digits, answers by the same speaker barred
//   picture.nn1 picture.p5 picture.chance picture.clips   drawn stamps by category, picture.classic
//   picture.hist_nn1                              colour histogram alone
//   picture.subcategory_nn1 .._chance             the same stamps by their finer category
//   video.nn1 video.p5 video.chance video.clips   key frames of videos by label
struct UnderstandingResults {
  std::map<std::string, double> results;
  std::map<std::string, std::string> split_sha256;  // by sound, picture, video: of the lines "path<TAB>label<LF>" used
  std::vector<std::string> failures;                // "path: reason" of clips that could not be decoded; they count nowhere
};

// Errors name the table and column that is missing. A result that needs a missing table is an error too.
Result<UnderstandingResults> evaluate_understanding(const UnderstandingOptions& options);

}  // namespace zhiyin
