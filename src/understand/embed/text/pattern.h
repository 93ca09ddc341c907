// Regular expressions over Unicode text (ICU behind them): what the files of tokenizers cut text with.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace zhiyin {

// Thread-safe once compiled. Cheap to copy.
class Pattern {
 public:
  // An error names the place in the expression.
  static Result<Pattern> compile(std::string_view expression);

  struct Match {
    std::size_t begin = 0;  // bytes
    std::size_t end = 0;
  };
  // In order, without overlap, the empty ones left out. Text is valid UTF-8. Where the expression takes too much time
  // or memory on a text, what was found so far.
  [[nodiscard]] std::vector<Match> matches(std::string_view utf8) const;

  [[nodiscard]] std::string replaced(std::string_view utf8, std::string_view by) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace zhiyin
