// What a request is answered with: a slate of items, each with where it came from and why it is there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"

namespace zhiyin {

enum class Language { kEnglish, kChinese };

// Where a candidate came from. The name is the answer's "source", the metric's label and the config's key.
enum class SourceKind { kCollaborative, kSimilar, kFresh, kPopular };
inline constexpr int kSourceKinds = 4;

constexpr std::string_view to_string(SourceKind source) {
  constexpr std::string_view names[] = {"collaborative", "similar", "fresh", "popular"};
  return names[static_cast<int>(source)];
}

// An item of the user's past that speaks for the recommended one, and how much of the score is its doing.
struct Because {
  ItemId item;
  std::string title;
  double weight = 0;
};

struct Recommended {
  ItemId item;
  double score = 0;  // within its source, 1 is the best; the order of the slate is the answer
  SourceKind source = SourceKind::kPopular;
  std::string reason;  // a sentence
  std::vector<Because> because;
};

struct Slate {
  std::string recommendation;  // its id, to be sent back with the events it causes
  std::vector<Recommended> items;
  std::vector<std::string> degraded;  // sources that failed: their candidates are missing
};

}  // namespace zhiyin
