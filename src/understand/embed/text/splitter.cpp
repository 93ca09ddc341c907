#include "understand/embed/text/splitter.h"

namespace zhiyin {

std::vector<std::string> Splitter::operator()(std::string text) const {
  std::vector<std::string> pieces;
  if (!text.empty()) pieces.push_back(std::move(text));
  for (const auto& step : steps_) {
    std::vector<std::string> next;
    for (auto& piece : pieces) {
      if (!step.prefix.empty()) {
        next.push_back(piece.starts_with(step.prefix) ? std::move(piece) : step.prefix + piece);
        continue;
      }
      std::size_t at = 0;
      const auto keep = [&](std::size_t end, bool wanted) {
        if (wanted && end > at) next.push_back(piece.substr(at, end - at));
        at = end;
      };
      for (const auto& match : step.pattern.matches(piece)) {
        keep(match.begin, step.keep_rest);
        keep(match.end, step.keep_matches);
      }
      keep(piece.size(), step.keep_rest);
    }
    pieces = std::move(next);
  }
  return pieces;
}

}  // namespace zhiyin
