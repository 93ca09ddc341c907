// Comma-separated values by RFC 4180: quotes, doubled quotes, line breaks inside quotes, CRLF or LF, optional BOM.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace zhiyin {

struct CsvRow {
  std::size_t line = 0;  // where the row starts, from 1
  std::vector<std::string> cells;
};

// Errors name the line: a quote that never closes, bytes that are not UTF-8. Empty lines are skipped.
Result<std::vector<CsvRow>> parse_csv(std::string_view text, char separator = ',');

}  // namespace zhiyin
