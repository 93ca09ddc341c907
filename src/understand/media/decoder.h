// The whole decoding of one file, in this process: what the worker runs.
#pragma once

#include "base/result.h"
#include "understand/media/media.h"

namespace zhiyin {

// Reads an open, regular, seekable file. What fails beside the main thing goes to the warnings; an error is a file of
// which nothing could be seen or heard.
Result<Decoded> decode_descriptor(int descriptor, const DecodeLimits& limits);

}  // namespace zhiyin
