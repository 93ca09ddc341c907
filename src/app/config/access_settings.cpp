#include "app/config/access_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/file.h"
#include "base/text.h"
#include "base/toml_table.h"

namespace zhiyin {
namespace {

constexpr std::size_t kShortestKey = 16;
constexpr std::array<std::string_view, 8> kKeys = {"name",  "key", "key_env", "sha256", "scopes", "requests_per_second",
                                                   "burst", "home"};

struct Word {
  std::string_view word;
  Scope scope;
};
constexpr std::array kScopes{Word{"read", Scope::kRead}, Word{"write", Scope::kWrite}, Word{"admin", Scope::kAdmin}};

// The SHA-256 of the key, which stands there itself, in an environment variable, or as its hash.
Result<std::string> hash_of(const TomlTable& table) {
  ZY_TRY(auto key, table.text("key", {}));
  ZY_TRY(const auto variable, table.text("key_env", {}));
  ZY_TRY(const auto sha256, table.text("sha256", {}));
  if (!key.empty() + !variable.empty() + !sha256.empty() != 1)
    return table.error("key", "give one of key, key_env (a variable of the environment that holds it) and sha256");
  if (!sha256.empty()) {
    const auto hash = ascii_lower(sha256);
    if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
      return table.error("sha256", "must be the 64 hex digits of the key's SHA-256: printf %s KEY | sha256sum");
    return hash;
  }
  if (!variable.empty()) {
    const auto* value = std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0')
      return table.error("key_env", fmt::format("the environment has no variable {}", variable));
    key = value;
  }
  const auto name = variable.empty() ? "key" : "key_env";
  if (key.size() < kShortestKey)
    return table.error(
        name, fmt::format("is shorter than {} characters and could be guessed: openssl rand -hex 24", kShortestKey));
  if (!std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; }))
    return table.error(name, "may hold letters, digits and signs of ASCII, and no space");
  return sha256_hex(key);
}

Result<AccessKey> read_key(const TomlTable& table, const std::filesystem::path& folder) {
  ZY_CHECK_OK(table.only(kKeys));
  AccessKey key;
  ZY_TRY(key.name, table.needed_text("name", "logs and metrics call the key by it"));
  if (key.name.size() > 64 || !is_utf8(key.name)) return table.error("name", "is longer than 64 bytes");
  ZY_TRY(key.sha256, hash_of(table));
  ZY_TRY(const auto scopes, table.text("scopes", "read"));
  auto bits = scopes_of(scopes);
  if (!bits.ok()) return table.error("scopes", bits.error().message);
  key.scopes = *bits;
  ZY_TRY(key.requests_per_second, table.number("requests_per_second", 0, 0, 1e6));
  ZY_TRY(key.burst, table.number("burst", 0, 0, 1e6));
  ZY_TRY(const auto home, table.text("home", {}));
  if (!home.empty()) key.home = (folder / home).lexically_normal().string();
  return key;
}

}  // namespace

Result<Scopes> scopes_of(std::string_view words) {
  Scopes scopes = 0;
  for (const auto part : split(words, ',')) {
    const auto word = trim(part);
    if (word.empty()) continue;
    const auto* found = std::ranges::find(kScopes, word, &Word::word);
    if (found == kScopes.end())
      return invalid(fmt::format("\"{}\" is no scope: read, write and admin are, with commas between", word));
    scopes |= static_cast<Scopes>(found->scope);
  }
  return scopes;
}

Result<std::vector<AccessKey>> read_access_keys(const Toml& document, const std::filesystem::path& file) {
  std::vector<AccessKey> keys;
  if (!document.root.has("access")) return keys;
  const TomlTable access(document, document.root["access"], "access", "[access]");
  const auto named = [&](Error error) {
    error.message = fmt::format("{}: {}", file.string(), error.message);
    return error;
  };
  const auto tables = access.tables("key");
  if (!tables.ok()) return named(tables.error());
  for (const auto& table : *tables) {
    auto key = read_key(table, file.parent_path());
    if (!key.ok()) return named(key.error());
    if (std::ranges::find(keys, key->name, &AccessKey::name) != keys.end())
      return named(table.error("name", fmt::format("\"{}\" is the name of two keys", key->name)));
    if (std::ranges::find(keys, key->sha256, &AccessKey::sha256) != keys.end())
      return named(table.error("key", fmt::format("\"{}\" has the same key as another", key->name)));
    keys.push_back(std::move(*key));
  }
  return keys;
}

std::string_view access_keys_example() {
  return R"(
# Keys: as soon as there is one, requests want one (Authorization: Bearer KEY, X-API-Key: KEY, or as the password that a
# browser asks for). A key stands here itself, in a variable of the environment (key_env), or as its SHA-256 (sha256).
# [[access.key]]
# name = "shop"
# sha256 = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
# scopes = "read, write"        # read: ask; write: send events and change the catalogue; admin: everything
# requests_per_second = 100     # 0: no limit; more is answered with 429
# burst = 200                   # at once; 0: what one second allows
# home = "../films"             # another home that this key opens, relative to this one
)";
}

}  // namespace zhiyin
