// What a file says of itself in words.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/media/budget.h"
#include "understand/media/media.h"

namespace zhiyin {

class Container;

// Of the container and of its sound stream; keys in lower case, values valid UTF-8 of at most 4 KiB without control
// characters. What muxers write about themselves is left out.
std::map<std::string, std::string> read_tags(const Container& container);

// The cues of the first text subtitle stream as passages of kind "subtitle", without styles; at most 1 MiB of text.
// Empty where there is none.
std::vector<Passage> read_subtitles(const Container& container, const Budget& budget,
                                    std::vector<std::string>& warnings);

// Bytes of whatever encoding as UTF-8: valid UTF-8 stays; then GB18030 if the bytes look like common Chinese
// characters; else Windows-1252. Chinese bytes that a tagger declared as Latin-1 are put right too.
std::string to_utf8(std::string_view bytes);

}  // namespace zhiyin
