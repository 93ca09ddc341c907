// How Gorse's API reads requests and writes answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/serve/gorse/gorse.h"
#include "base/json.h"
#include "domain/ids.h"
#include "feed/recommend/filter.h"

namespace zhiyin::gorse {

// The JSON with 200, or the error's message as plain text with the status of its code.
http::Response answer(const Result<Json>& json);
http::Response plain_error(const Error& error);
http::Response plain_text(int status, std::string message);

Json success(std::int64_t rows);                // {"RowAffected": n}
Json score(std::string_view id, double score);  // {"Id", "Score"}

// The body as JSON: anything, and a list.
Result<Json> body_of(const http::Request& request);
Result<std::vector<Json>> list_of(const http::Request& request);

// What {name} in the path stands for; "" where the path has none.
std::string path_value(const http::Request& request, std::string_view name);

// n and offset. More than `most` is taken for `most`.
struct Part {
  std::size_t n = 0;
  std::size_t offset = 0;
};
Result<Part> part_of(const Gorse& gorse, const http::Request& request, std::size_t most);
inline constexpr std::size_t kMostScores = 1'000;
inline constexpr std::size_t kMostRows = 10'000;

// Every `category` of the query and the one of the path, which an item must all have; nothing of a later time than now.
Filter filter_of(const Gorse& gorse, const http::Request& request);

// Where a list goes on. "" is the beginning, and the end. An error for what is no cursor of this server.
std::string to_cursor(const std::vector<std::string>& place);
Result<std::vector<std::string>> from_cursor(const http::Request& request, std::size_t parts);

}  // namespace zhiyin::gorse
