// The pretrained models in the cache: which are there, whether they are what encoders/manifest.toml pins, and making
// ready what set-up has fetched (conversion to ONNX).
//
// A model is optional: without it the features that need nothing take over. Not thread-safe against itself: one process
// prepares at a time (set-up holds a lock); a reader sees the old file or the new one, never a part.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace zhiyin {

inline constexpr std::string_view kUseLiteFolder = "models/use-lite";  // in the cache

// ${ZHIYIN_CACHE}, else ${XDG_CACHE_HOME}/zhiyin, else ${HOME}/.cache/zhiyin.
std::filesystem::path model_cache();

// Where the manifest is: encoders/manifest.toml of the source tree, else beside the program, else in ../share/zhiyin.
Result<std::filesystem::path> find_manifest();

// A file that a model is made of, relative to its folder.
struct PinnedFile {
  std::string name;
  std::string sha256;
};

// One [[model]] or [[runtime]] of the manifest.
struct PinnedModel {
  std::string name;
  std::string version;
  std::string folder;  // in the cache
  std::string package;
  std::string package_version;
  std::string licence;
  std::string about;
  std::string unknown;  // what nobody could tell us about it
  std::string output;   // the file that prepare_models() makes in the folder, "" if none
  std::vector<PinnedFile> files;
};

// Errors name the manifest and the line or key.
Result<std::vector<PinnedModel>> read_manifest(const std::filesystem::path& manifest);

struct ModelStatus {
  PinnedModel model;
  bool present = false;   // every file is there
  bool verified = false;  // and each has its hash
  bool ready = false;     // and the output, if any, has been made from exactly these files
  std::vector<std::string> missing;  // files that are not there
  std::vector<std::string> changed;  // files with another hash than the manifest's
  std::string mend;                  // the command that mends it; "" if nothing is wrong
};

// Reads and hashes every file: about 0.2 s for 60 MB.
Result<std::vector<ModelStatus>> model_status(const std::filesystem::path& cache, const std::filesystem::path& manifest);

// Verifies every model and makes the outputs that are missing or out of date, checking each against a known vector before
// it takes its place. Does nothing, quickly, where all is ready. Models that are missing are reported, not errors; an
// error is a conversion that fails.
Result<std::vector<ModelStatus>> prepare_models(const std::filesystem::path& cache, const std::filesystem::path& manifest);

}  // namespace zhiyin
