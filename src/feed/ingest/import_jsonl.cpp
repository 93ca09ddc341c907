#include <fmt/format.h>

#include <algorithm>

#include "base/gzip.h"
#include "base/lines.h"
#include "feed/ingest/import.h"

namespace zhiyin {
namespace {

Result<void> read_line(std::string_view line, const std::string& file, std::size_t number, UnixSeconds now,
                       Imported& imported) {
  ZY_TRY(const auto json, Json::parse(line));
  if (!json.is_object()) return invalid(fmt::format("a line holds one JSON object, this one is {}", json.type_name()));
  if (json.has("type") && json.has("user")) {
    ZY_TRY(auto event, event_from_json(json, now));
    imported.events.push_back(std::move(event));
  } else {
    ZY_TRY(auto item, item_from_json(json));
    imported.add_item(std::move(item), file, number);
  }
  return {};
}

}  // namespace

Result<Imported> read_jsonl(const std::filesystem::path& path, UnixSeconds now) {
  ZY_TRY(const auto bytes, read_text_file(path));
  Imported imported;
  for (Lines lines(bytes); const auto line = lines.next();) {
    if (auto read = read_line(*line, path.string(), lines.number(), now, imported); !read.ok())
      imported.bad.push_back({path.string(), lines.number(), std::move(read).error()});
  }
  return imported;
}

}  // namespace zhiyin
