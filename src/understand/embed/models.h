// The pretrained models in the cache: which are there, whether they are what encoders/manifest.toml pins, and making
// ready what set-up has fetched (conversion to ONNX).
//
// A model is optional: without it the features that need nothing take over. Not thread-safe against itself: one process
// prepares at a time (set-up holds a lock); a reader sees the old file or the new one, never a part.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "understand/embed/manifest.h"

namespace zhiyin {

struct ModelStatus {
  PinnedModel model;
  bool present = false;              // every file is there
  bool verified = false;             // and each has its hash
  bool ready = false;                // and each output has been made from exactly these files
  std::vector<std::string> missing;  // files that are not there
  std::vector<std::string> changed;  // files with another hash than the manifest's
  std::string mend;                  // the command that mends it; "" if nothing is wrong
};

enum class Hashing {
  kRead,      // every file, every time: about 0.2 s for 60 MB
  kRemember,  // only files whose size or time is not what it was (CACHE/hashes.json)
};
Result<std::vector<ModelStatus>> model_status(const std::filesystem::path& cache, const std::filesystem::path& manifest,
                                              Hashing hashing = Hashing::kRead);

// Verifies every model and makes the outputs that are missing or out of date, checking each against a known vector
// before it takes its place. Does nothing, quickly, where all is ready. Models that are missing are reported, not
// errors; an error is a conversion that fails.
Result<std::vector<ModelStatus>> prepare_models(const std::filesystem::path& cache,
                                                const std::filesystem::path& manifest);

}  // namespace zhiyin
