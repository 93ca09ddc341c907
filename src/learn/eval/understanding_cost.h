// What understanding a clip costs, by stage.
#pragma once

#include <filesystem>

#include "learn/eval/table.h"

namespace zhiyin {

// Takes the first 60 s of a film clip among the labelled videos, brings it to 854x480 H.264 with AAC sound (the program
// ffmpeg does it), and lets every encoder that is installed look at it and listen to it, one clip at a time on one
// thread. Adds to the table's results, all in processor seconds of one clip unless named otherwise:
//   cost.cpu_s_60s_480p_clip    all of it: the worker's decoding, the senses, the words
//   cost.decode_cpu_s           decoding alone
//   cost.ENCODER_cpu_s          one sense
//   cost.wall_s, cost.items_per_hour_2_cores   (clips like this one, two at a time)
// Without ffmpeg or the clip it adds nothing, and the log says why.
Result<void> add_costs(const std::filesystem::path& media_folder, const std::filesystem::path& worker, Table& table);

}  // namespace zhiyin
