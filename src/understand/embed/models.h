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

// Reads and hashes every file: about 0.2 s for 60 MB.
Result<std::vector<ModelStatus>> model_status(const std::filesystem::path& cache,
                                              const std::filesystem::path& manifest);

// Verifies every model and makes the outputs that are missing or out of date, checking each against a known vector
// before it takes its place. Does nothing, quickly, where all is ready. Models that are missing are reported, not
// errors; an error is a conversion that fails.
Result<std::vector<ModelStatus>> prepare_models(const std::filesystem::path& cache,
                                                const std::filesystem::path& manifest);

}  // namespace zhiyin
