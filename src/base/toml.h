// TOML as Json, with the line of every key, so that an error can name the place.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace zhiyin {

struct Toml {
  Json root;  // an object; dates and times are their text
  std::map<std::string, int, std::less<>>
      lines;  // by dotted path: "serve.port", "model.2.name" (elements count from 0)

  [[nodiscard]] int line_of(std::string_view path) const;  // 0 for a path that is not there
};

// An error says "line N: what is wrong". Thread-safe.
Result<Toml> parse_toml(std::string_view text);

}  // namespace zhiyin
