#include "base/toml_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"

namespace zhiyin {

Error TomlTable::error(std::string_view key, std::string_view what) const {
  const int line = document_->line_of(fmt::format("{}.{}", path_, key));
  return invalid(fmt::format("line {}: {}: {}: {}", line > 0 ? line : document_->line_of(path_), name_, key, what),
                 std::string(key));
}

Result<void> TomlTable::only(std::span<const std::string_view> known) const {
  for (const auto& [key, value] : table_->members()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    return error(key, fmt::format("no such key; the nearest is {}", nearest_name(key, known)));
  }
  return {};
}

Result<std::string> TomlTable::text(std::string_view key, std::string_view fallback) const {
  const auto& value = (*this)[key];
  if (value.is_null()) return std::string(fallback);
  if (!value.is_string()) return error(key, "must be a text in quotes");
  return std::string(value.as_string());
}

Result<std::string> TomlTable::needed_text(std::string_view key, std::string_view why) const {
  ZY_TRY(auto given, text(key, {}));
  if (given.empty()) return error(key, fmt::format("is missing: {}", why));
  return given;
}

Result<bool> TomlTable::flag(std::string_view key, bool fallback) const {
  const auto& value = (*this)[key];
  if (value.is_null()) return fallback;
  if (!value.is_bool()) return error(key, "must be true or false");
  return value.as_bool();
}

Result<double> TomlTable::number(std::string_view key, double fallback, double low, double high) const {
  const auto& value = (*this)[key];
  if (value.is_null()) return fallback;
  if (!value.is_number()) return error(key, "must be a number");
  const double given = value.as_number();
  if (!(given >= low && given <= high))
    return error(key, fmt::format("is {}: from {} to {} is allowed", given, low, high));
  return given;
}

Result<int> TomlTable::whole(std::string_view key, int fallback, int low, int high) const {
  if (has(key) && !(*this)[key].is_integer()) return error(key, "must be a whole number");
  ZY_TRY(const double given, number(key, fallback, low, high));
  return static_cast<int>(given);
}

Result<std::size_t> TomlTable::choice(std::string_view key, std::span<const std::string_view> words,
                                      std::size_t fallback) const {
  if (!has(key)) return fallback;
  ZY_TRY(const auto given, text(key, {}));
  const auto found = std::ranges::find(words, given);
  if (found == words.end()) {
    return error(key, fmt::format("is \"{}\": one of {} is allowed; the nearest is {}", given, fmt::join(words, ", "),
                                  nearest_name(given, words)));
  }
  return static_cast<std::size_t>(found - words.begin());
}

Result<std::vector<float>> TomlTable::numbers(std::string_view key, std::vector<float> fallback) const {
  if (!has(key)) return fallback;
  const auto& list = (*this)[key].elements();
  if (list.size() != fallback.size() || !std::ranges::all_of(list, &Json::is_number)) {
    return error(key, fmt::format("must be a list of {} numbers", fallback.size()));
  }
  std::vector<float> values;
  for (const auto& value : list) values.push_back(static_cast<float>(value.as_number()));
  return values;
}

Result<TomlTable> TomlTable::table(std::string_view key) const {
  static const Json kEmpty = Json::object();
  const auto path = fmt::format("{}.{}", path_, key);
  if (!has(key))
    return TomlTable(*document_, kEmpty, document_->line_of(path) > 0 ? path : path_, fmt::format("{} {}", name_, key));
  if (!(*this)[key].is_object()) return error(key, "must be a table: { key = value, ... }");
  return TomlTable(*document_, (*this)[key], path, fmt::format("{} {}", name_, key));
}

Result<std::vector<TomlTable>> TomlTable::tables(std::string_view key) const {
  std::vector<TomlTable> found;
  if (!has(key)) return found;
  if (!(*this)[key].is_array()) return error(key, "must be a list of tables");
  const auto& list = (*this)[key].elements();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_object()) return error(key, "must be a list of tables");
    found.emplace_back(*document_, list[i], fmt::format("{}.{}.{}", path_, key, i),
                       fmt::format("{} {} {}", name_, key, i + 1));
  }
  return found;
}

}  // namespace zhiyin
