// encoders/manifest.toml: what set-up fetches into the cache, pinned file by file. Functions are thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace zhiyin {

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
  std::string unknown;               // what nobody could tell us about it
  std::vector<std::string> outputs;  // the files that prepare_models() makes in the folder
  std::vector<PinnedFile> files;
};

// Errors name the manifest and the line or key.
Result<std::vector<PinnedModel>> read_manifest(const std::filesystem::path& manifest);

}  // namespace zhiyin
