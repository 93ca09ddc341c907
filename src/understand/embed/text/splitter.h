// What BPE tokenizers cut a text into before they merge letters: pieces that no token reaches across.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/embed/text/pattern.h"

namespace zhiyin {

// Steps one after another, each applied to the pieces of the one before. Thread-safe once made.
class Splitter {
 public:
  // GPT-2's: words with the blank before them, numbers, signs, endings like 's.
  static constexpr std::string_view kGpt2 =
      R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
  // CLIP's: the same without blanks, digits one by one.
  static constexpr std::string_view kClip = R"('s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+)";

  enum class Rest { kKept, kDropped };  // what stands between the matches

  void cut(Pattern pattern, Rest rest) { steps_.push_back({std::move(pattern), rest == Rest::kKept, true, {}}); }
  // The matches are what stands between the pieces, and go.
  void cut_out(Pattern pattern) { steps_.push_back({std::move(pattern), true, false, {}}); }
  // Every piece that does not begin with this begins with it.
  void prefix(std::string text) { steps_.push_back({{}, true, true, std::move(text)}); }

  [[nodiscard]] std::vector<std::string> operator()(std::string text) const;

 private:
  struct Step {
    Pattern pattern;
    bool keep_rest = true;
    bool keep_matches = true;
    std::string prefix;  // instead of cutting, if not empty
  };
  std::vector<Step> steps_;
};

}  // namespace zhiyin
