#include "app/serve/api_key.h"

#include "base/file.h"

namespace zhiyin {

ApiKey::ApiKey(std::string_view key) : digest_(key.empty() ? std::string() : sha256_hex(key)) {}

bool ApiKey::admits(const http::Request& request) const {
  if (!is_set()) return true;
  const auto given = sha256_hex(request.headers.get("X-API-Key").value_or(""));
  unsigned differing = 0;
  for (std::size_t i = 0; i < digest_.size(); ++i) differing |= static_cast<unsigned>(digest_[i] ^ given[i]);
  return differing == 0;
}

}  // namespace zhiyin
