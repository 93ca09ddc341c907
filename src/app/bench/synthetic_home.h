// A home that nobody trained, made in memory in seconds, so that requests to it can be timed: catalogue, factors,
// content, fusion, behaviour.
//
// Items fall into clusters of taste, by which their factors and their content (half of it text, half sound) are made
// (synthetic_rows.h). Some items were never touched. content_blend is there with lists of its default length. A user's
// history is drawn from three clusters, popular items more often.
#pragma once

#include <memory>
#include <vector>

#include "feed/live/live.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

struct SyntheticOptions {
  std::size_t items = 100'000;
  std::size_t dim = 64;  // of the factors, and of the content vectors
  std::size_t users = 200;
  std::size_t history = 100;      // liked items of each user
  std::size_t disliked = 5;       // and items that they disliked
  std::size_t fresh_percent = 5;  // items that nobody touched
  std::size_t neighbours = 300;   // of content_blend
  std::uint64_t seed = 42;
};

struct SyntheticHome {
  std::shared_ptr<const View> view;
  Live live;
  std::vector<UserId> users;
};

Result<std::unique_ptr<SyntheticHome>> make_synthetic_home(const SyntheticOptions& options);

}  // namespace zhiyin
