#include "base/csv.h"

#include <fmt/format.h>

#include "base/json.h"

namespace zhiyin {

Result<std::vector<CsvRow>> parse_csv(std::string_view text, char separator) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<CsvRow> rows;
  std::size_t line = 1;
  std::size_t at = 0;
  while (at < text.size()) {
    CsvRow row{line, {}};
    const auto row_begin = at;
    for (bool more = true; more;) {
      std::string cell;
      if (at < text.size() && text[at] == '"') {
        const auto opened = line;
        for (++at;; ++at) {
          if (at >= text.size()) return invalid(fmt::format("line {}: a quote is opened and never closed", opened));
          if (text[at] == '\n') ++line;
          if (text[at] != '"') {
            cell += text[at];
          } else if (at + 1 < text.size() && text[at + 1] == '"') {
            cell += text[++at];
          } else {
            ++at;
            break;
          }
        }
      }
      while (at < text.size() && text[at] != separator && text[at] != '\n') cell += text[at++];
      more = at < text.size() && text[at] == separator;
      if (more) ++at;
      if (!more && cell.ends_with('\r')) cell.pop_back();
      row.cells.push_back(std::move(cell));
    }
    if (at < text.size()) ++at;  // the line break
    if (!is_utf8(text.substr(row_begin, at - row_begin)))
      return invalid(fmt::format("line {}: not valid UTF-8; save the file as UTF-8", row.line));
    ++line;
    if (row.cells.size() > 1 || !row.cells.front().empty()) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace zhiyin
