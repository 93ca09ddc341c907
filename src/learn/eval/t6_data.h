// T6's data: who played which short video, with the features of its sound and pictures (the TikTok split of DiffMM),
// and the folds of items that nobody is shown to have played.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "learn/eval/ranking.h"

namespace zhiyin {

struct T6Data {
  std::string sha256;  // of the hashes of train, valid and test
  std::size_t users = 0;
  std::size_t items = 0;  // item i is row i of the features
  std::vector<Interaction> train;
  std::vector<Interaction> valid;
  std::vector<Interaction> test;
  ItemFeatures features;  // two blocks: audio, visual
};

// `dir`: a data root with interactions/tiktok-mm, or that folder itself: train.tsv, valid.tsv, test.tsv (also .gz) of
// user<TAB>item with items counted from 0, audio_feat.npy and image_feat.npy. Errors name the file.
bool has_t6(const std::filesystem::path& dir);
Result<T6Data> load_t6(const std::filesystem::path& dir);

// What of the features a model may see.
enum class GivenSenses {
  kBoth,
  kAudio,
  kVisual,
  kHalf
};  // kHalf: every second item, by lot, has lost one of the two by lot

ItemFeatures seen_by(const ItemFeatures& features, GivenSenses senses, std::uint64_t seed);

// One fold of items made cold: its events are asked about, all others may be learned from.
struct ColdFold {
  std::vector<ItemIndex> cold;     // ascending
  Interactions warm;               // all users x all items, the cold columns empty
  std::vector<UserIndex> users;    // of each case: those with an event on either side
  std::vector<RankingCase> cases;  // history by item; relevant are positions in `cold`, masked is empty
};
struct ColdSplit {
  std::string sha256;  // of the lines fold<TAB>item<LF>, and of the data
  std::vector<ColdFold> folds;
};

// Five folds of all items drawn with the seed, over all events of train, valid and test.
ColdSplit split_cold(const T6Data& data, std::uint64_t seed);

// Users with train events are asked about their events in `asked`; what they did in train and in `also_masked` is
// masked.
std::vector<RankingCase> warm_cases(const T6Data& data, const std::vector<Interaction>& asked,
                                    const std::vector<Interaction>& also_masked);

}  // namespace zhiyin
