// Content vectors of items from NumPy files, for models that look at what items are.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "learn/eval/datasets.h"
#include "match/model.h"

namespace zhiyin {

// A modality's name and its file: .npy of shape items x dim, rows in the order of the lines of an items.txt beside it.
using FeatureFile = std::pair<std::string, std::filesystem::path>;

// "NAME=FILE.npy".
Result<FeatureFile> parse_feature_file(std::string_view text);

// One row for each of `items`: each modality centred on its mean and brought to unit length, so that all weigh the
// same, then one after the other. What a file does not know of an item is zeros; ids that are not in `items` are passed
// over. Errors name the file: no items.txt, another number of ids than rows, an id twice, a number that is none.
Result<ItemFeatures> read_features(std::span<const FeatureFile> files, const IdTable& items);

}  // namespace zhiyin
