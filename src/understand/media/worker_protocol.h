// What the two sides of the media worker agree on, beside the bytes of wire.h.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "understand/media/media.h"

namespace zhiyin {

inline constexpr const char* kWorkerVerb = "media-worker";
inline constexpr int kAnswerDescriptor = 3;  // the pipe to write to
inline constexpr int kFileDescriptor = 4;    // the file to read
inline constexpr int kFirstFreeDescriptor = 5;
inline constexpr int kExitOutOfMemory = 3;

// The limits as the arguments after the program's name, the verb first, and back.
std::vector<std::string> worker_arguments(const DecodeLimits& limits);
Result<DecodeLimits> limits_from_arguments(std::span<const char* const> arguments);

}  // namespace zhiyin
