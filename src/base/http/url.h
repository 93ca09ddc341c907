// Targets of requests (RFC 3986): what is encoded with %, and paths that stay inside a folder.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/http/message.h"
#include "base/result.h"

namespace zhiyin::http {

// Encodes all but letters, digits and "-._~": what comes out is safe as one path segment or query value.
std::string percent_encode(std::string_view text);

// Errors: a "%" without two hex digits, a NUL byte, bytes that are not UTF-8.
Result<std::string> percent_decode(std::string_view text);

// "/v1/items/a%2Fb" -> {"v1", "items", "a/b"}; "/" -> {}; "/a/" -> {"a", ""}. The split comes before the decoding, so
// that an id may hold any text. Segments like ".." are data here: path_inside() is where they would matter.
Result<std::vector<std::string>> split_path(std::string_view path);

// "q=%E7%9F%A5+x&n=3" -> {q: "知 x", n: "3"}. "+" is a space here, and only here.
Result<Parameters> parse_query(std::string_view query);

// root / the segments, or kNotFound if any segment is empty, starts with a dot or holds a separator: the result is
// always below root. Symbolic links are followed: they are the folder owner's.
Result<std::filesystem::path> path_inside(const std::filesystem::path& root, std::span<const std::string> segments);

}  // namespace zhiyin::http
