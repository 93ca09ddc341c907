// A named stretch of a feature vector.
#pragma once

#include <string_view>

namespace zhiyin {

struct FeatureBlock {
  std::string_view name;
  int first;
  int count;
};

}  // namespace zhiyin
