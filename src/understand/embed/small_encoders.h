// An encoder that somebody describes with int8 = true: its networks are made small once (onnx/shrink.h), kept in the
// cache of models beside those that set-up made, and run instead of the ones described.
//
//   CACHE/int8/KEY.onnx, KEY.decoder.onnx   KEY: of the contents of the networks, of what is read of
//                                           them, and of the version of what makes them small
//   CACHE/int8/KEY.json                     how alike the two are, their sizes, or why the small ones are not used
//
// Before they are used they are compared with the whole ones on inputs made by formula, through all that the
// description says is done before and after: sentences, pictures, sounds; of speech, what the decoder says comes first.
// Below a cosine of .99 the whole networks run on. Vectors of both are of one space, so they are kept under
// one version.
#pragma once

#include <filesystem>
#include <string>

#include "understand/embed/onnx/encoder_description.h"

namespace zhiyin {

inline constexpr double kLeastCosineOfSmallEncoder = 0.99;

struct SmallEncoder {
  EncoderDescription description;  // of the small networks, or the one given where they are not used
  std::string found;  // "in eight bits: 104.0 of 415.2 MB, ..., cosine 0.99930", or why not; "" where int8 is not said
};

// Never an error: what cannot be made small is run whole, and `found` and the log say why. Making takes some seconds
// and about four times the size of the networks in memory; afterwards they are hashed at every call, 1 s for 300 MB.
// Thread-safe; two processes that make the same write the same.
SmallEncoder small_encoder(const EncoderDescription& description, const std::filesystem::path& cache);

}  // namespace zhiyin
