// The keys of zhiyin.toml: a table [[access.key]] each.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "app/serve/access.h"
#include "base/result.h"
#include "base/toml.h"

namespace zhiyin {

// Errors name the file, the line and the fix, never the key. Relative homes are relative to the file's folder.
Result<std::vector<AccessKey>> read_access_keys(const Toml& document, const std::filesystem::path& file);

// "read, write" as bits; an error for another word.
Result<Scopes> scopes_of(std::string_view words);

// What a key looks like, as comments for the file with every setting.
std::string_view access_keys_example();

}  // namespace zhiyin
