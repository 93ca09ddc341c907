#include <fmt/format.h>

#include <cstdio>

#include "app/cli/verbs_sdk.h"

namespace zhiyin {

void Globals::print(const Json& document, const std::string& text) const {
  fmt::print("{}\n", json ? document.dump() : text);
  std::fflush(stdout);
}

}  // namespace zhiyin
