// The parts of a JSON text that cannot be read as a whole, for saying which of them is at fault. Only brackets, strings
// and commas are looked at: a part may be anything.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace zhiyin {

// What stands between the brackets of an array or an object, split at its commas, without the spaces around. Views into
// `text`. Nothing where the text is neither, or its brackets do not close at its end.
std::optional<std::vector<std::string_view>> json_parts(std::string_view text);

// A part of an object as its name, without the quotes, and its value; both empty where it is no member.
std::pair<std::string_view, std::string_view> json_member(std::string_view part);

}  // namespace zhiyin
