// Text line by line.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace zhiyin {

// Walks through the lines that are not blank, in the order written:
//
//   for (Lines lines(text); const auto line = lines.next();) use(*line, lines.number());
//
// A line comes without the spaces, tabs and line ends around it: a view into the text, which must outlive it. Lines end
// with LF or CRLF, the last one with either or nothing.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next();                       // nothing: the text is at its end
  [[nodiscard]] std::size_t number() const { return number_; }  // of the line given last, from 1, blank ones counted

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

}  // namespace zhiyin
