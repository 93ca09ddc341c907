// The encoders that somebody describes in TOML, beside those that set-up fetches: read from encoders/manifest.toml
// (files in the cache of models) and from home/encoders.toml (files relative to the home).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "understand/embed/encoders.h"
#include "understand/embed/onnx/encoder_description.h"

namespace zhiyin {

// What both files describe; of a name in both, the home's. Errors name the file, the line, the key and the fix.
Result<std::vector<EncoderDescription>> described_encoders(const std::filesystem::path& cache,
                                                           const std::filesystem::path& home);

// Appends the text encoders among them, in eight bits where they are described so (small_encoders.h). One that cannot
// be opened (a missing file, a shape that does not fit) is named in the log with what is wrong, and left out: the
// others work on.
void open_described_text(const std::vector<EncoderDescription>& descriptions, const std::filesystem::path& cache,
                         std::vector<std::unique_ptr<TextEncoder>>& encoders);

// The same for senses of pictures and sound. Speech is turned into words where an encoder for it is described:
// describing it is asking for it. It needs the voice detector of the cache, which says where somebody speaks.
void open_described_senses(const std::vector<EncoderDescription>& descriptions, const std::filesystem::path& cache,
                           Senses& senses);

struct DescribedStatus {
  EncoderDescription description;
  std::string found;    // "512 numbers, MIT", and what became of int8 = true
  std::string problem;  // why it cannot be used; "" if it can
};

// Opens each, which loads every model: a second or more each.
std::vector<DescribedStatus> described_status(const std::vector<EncoderDescription>& descriptions,
                                              const std::filesystem::path& cache);

}  // namespace zhiyin
