// The tokeniser of Universal Sentence Encoder lite: the ids of its reference implementation, for every text.
//
// A unigram language model (Kudo 2018, arXiv 1804.10959): of all ways to cut a text into pieces of the vocabulary, the
// one with the largest sum of log probabilities, found by dynamic programming over code points. Case-sensitive.
// Thread-safe once made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace zhiyin {

class UseTokenizer {
 public:
  // vocab.json: [[piece, score], ...], the id being the place in the list. A null score counts as 0.
  static Result<UseTokenizer> open(const std::filesystem::path& vocabulary);
  static Result<UseTokenizer> from_json(std::string_view json);

  // Token ids; 0 stands for a run of characters that no piece covers. Empty for an empty text.
  // Cost: length of the text x length of the longest piece (16).
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view utf8) const;

 private:
  // A node of the trie of pieces. Nodes are numbered; 0 is the root.
  struct Node {
    double score = 0;
    std::int64_t id = 0;  // 0: no piece ends here
  };

  void insert(std::u32string_view piece, double score, std::int64_t id);
  // The node below `node` by character c, or 0.
  [[nodiscard]] std::uint32_t child(std::uint32_t node, char32_t c) const;

  std::vector<Node> nodes_{Node{}};
  std::unordered_map<std::uint64_t, std::uint32_t> children_;  // (node, character) -> node
};

}  // namespace zhiyin
