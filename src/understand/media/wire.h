// A Decoded, or the error in its place, as bytes through the worker's pipe: "zyd3", then one byte 1 (result) or 0
// (error), then the fields in order. Numbers are little-endian as in memory, texts and arrays follow their length in 64
// bits, and "done" closes it. Both ends are the same build on the same machine; the reader trusts nothing all the same.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "understand/media/media.h"

namespace zhiyin {

std::string to_wire(const Result<Decoded>& decoded);

// The error that the worker wrote, or kCorrupt where the bytes are not what to_wire writes.
Result<Decoded> from_wire(std::string_view bytes);

// More than any honest worker writes under these limits.
std::size_t largest_wire(const DecodeLimits& limits);

}  // namespace zhiyin
