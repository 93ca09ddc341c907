#include "app/serve/event_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_parts.h"
#include "base/lines.h"
#include "base/text.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMaxEvents = 10'000;  // of one array; lines are bounded by the body alone
constexpr std::size_t kShown = 64;          // bytes of a value in a message

Result<Event> check(const View& view, const Json& row, UnixSeconds now) {
  ZY_TRY(auto event, event_from_json(row, now));
  if (event.type == EventType::kMerge)
    return invalid("a merge is asked for by POST /v1/users/{id}/merge with {\"guest\":\"...\"}", "type");
  if (!view.find(event.item)) {
    return invalid(
        fmt::format("no item has the id {}: PUT /v1/items/{} or import it first", event.item.value, event.item.value),
        "item");
  }
  return event;
}

// Why a row is no JSON: the first member whose value is none, such as NaN or 1e999.
Error fault_of(std::string_view row, const Error& error) {
  const auto parts = row.starts_with('{') ? json_parts(row) : std::nullopt;
  if (!parts) return error;
  for (const auto part : *parts) {
    const auto [name, value] = json_member(part);
    if (name.empty() || name.size() > kShown || !is_utf8(name) || Json::parse(value).ok()) continue;
    const auto shown = value.substr(0, kShown);
    return invalid(fmt::format("{} is {}, which is no JSON: numbers are finite, texts are valid UTF-8 in quotes", name,
                               is_utf8(shown) ? shown : "..."),
                   std::string(name));
  }
  return error;
}

void take_lines(EventRows& rows, const View& view, std::string_view body, UnixSeconds now) {
  for (Lines each(body); const auto line = each.next();) rows.take_text(view, *line, now);
}

Error too_many(std::size_t count) {
  return {ErrorCode::kTooLarge,
          fmt::format("{} events in one array: at most {}, or send them as lines (application/x-ndjson)", count,
                      kMaxEvents),
          {}};
}

// The rows of an array that cannot be read as a whole but row by row, each an object.
std::optional<std::vector<std::string_view>> rows_of(std::string_view body) {
  if (!body.starts_with('[') || !is_utf8(body)) return std::nullopt;
  auto parts = json_parts(body);
  const auto is_row = [](std::string_view part) { return part.starts_with('{') && part.ends_with('}'); };
  if (!parts || !std::ranges::all_of(*parts, is_row)) return std::nullopt;
  return parts;
}

}  // namespace

void EventRows::take(Result<Event> event) {
  const auto index = size_++;
  if (event.ok()) return events_.push_back(std::move(*event));
  ++rejected_;
  if (listed_.size() < kMostListed) listed_.push_back({index, std::move(event).error()});
}

void EventRows::take(const View& view, const Json& row, UnixSeconds now) { take(check(view, row, now)); }

void EventRows::take_text(const View& view, std::string_view row, UnixSeconds now) {
  const auto json = Json::parse(row);
  take(json.ok() ? check(view, *json, now) : Result<Event>(fault_of(row, json.error())));
}

void EventRows::add(EventRows&& more) {
  for (auto& [index, error] : more.listed_) {
    if (listed_.size() < kMostListed) listed_.push_back({size_ + index, std::move(error)});
  }
  std::ranges::move(more.events_, std::back_inserter(events_));
  rejected_ += more.rejected_;
  size_ += more.size_;
}

void EventRows::describe(Json& answer) const {
  auto listed = Json::array();
  for (const auto& [index, error] : listed_)
    listed.push(Json::object({{"index", index}, {"field", error.field}, {"message", error.message}}));
  answer.set("rejected", std::move(listed));
  if (rejected_ > listed_.size()) answer.set("unlisted", rejected_ - listed_.size());
}

bool are_lines(const http::Request& request) {
  const auto type = request.headers.get("Content-Type").value_or("");
  return type.find("ndjson") != std::string_view::npos || type.find("jsonl") != std::string_view::npos;
}

Result<EventRows> event_rows(const View& view, const http::Request& request, UnixSeconds now) {
  EventRows rows;
  const auto body = are_lines(request) ? Result<Json>(Json()) : Json::parse(request.body);
  if (are_lines(request) || (!body.ok() && request.body.find("}\n{") != std::string::npos)) {
    take_lines(rows, view, request.body, now);
  } else if (!body.ok()) {
    const auto parts = rows_of(trim(request.body));
    if (!parts) return Result<EventRows>(body.error()).in("body");
    if (parts->size() > kMaxEvents) return too_many(parts->size());
    for (const auto part : *parts) rows.take_text(view, part, now);
  } else if (!body->is_array()) {
    rows.take(view, *body, now);
  } else {
    if (body->elements().size() > kMaxEvents) return too_many(body->elements().size());
    rows.events().reserve(body->elements().size());
    for (const auto& row : body->elements()) rows.take(view, row, now);
  }
  return rows;
}

}  // namespace zhiyin
