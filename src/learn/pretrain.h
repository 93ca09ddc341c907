// `zhiyin pretrain`: the home's own nets learn from its files, which nobody needs to have labelled.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "state/store/store.h"

namespace zhiyin {

struct PretrainOptions {
  int epochs = 60;
  bool finetune = false;          // needs nets that have been trained, and an "ials" model in the current snapshot
  float masked = 0;               // weight of the masked question (learn/clip_training.h)
  std::size_t most_files = 2000;  // drawn at random where there are more: about 200 KB of memory each
  int threads = 1;                // for decoding; the training itself runs on one
  std::uint64_t seed = 42;
  std::filesystem::path worker = "/proc/self/exe";  // see decode()
};

struct PretrainReport {
  int version = 0;             // of the nets, and of the vectors they make
  std::size_t sounds = 0;      // files that could be heard
  std::size_t pictures = 0;    // and seen
  std::size_t touched = 0;     // whose item has a collaborative vector (finetune)
  std::size_t unreadable = 0;  // files that are gone or broken
  double loss = 0;             // of the last epoch
  double seconds = 0;
};

// Decodes the files of the catalogue's items, continues the nets that the home has (or begins new ones), saves them to
// home/own.safetensors and stores the vectors they make of the files they were shown; of others at the next scan.
// Errors: no file can be used; finetune without what it needs, with the verb that makes it. Nothing is changed on
// error.
Result<PretrainReport> pretrain(const std::filesystem::path& home, Store& store, const PretrainOptions& options);

}  // namespace zhiyin
