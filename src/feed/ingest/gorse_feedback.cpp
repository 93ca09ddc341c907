#include "feed/ingest/gorse_feedback.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/rfc3339.h"
#include "base/text.h"
#include "domain/fields.h"
#include "feed/ingest/gorse_catalogue.h"

namespace zhiyin::gorse {
namespace {

constexpr std::string_view kEnvelope = R"({"FeedbackType":)";  // how the text of an event that holds feedback begins
constexpr std::size_t kMostWords = 9'000;  // of comment and labels: an event's text has room for 10,000
constexpr double kMostStars = 5;

Result<UnixSeconds> read_time(const Json& json, UnixSeconds now) {
  const auto& given = json["Timestamp"];
  if (given.is_null() || (given.is_string() && given.as_string().empty())) return now;
  if (!given.is_string())
    return invalid(fmt::format("Timestamp is {}: give a text like 2022-08-07T00:26:46Z", given.type_name()),
                   "Timestamp");
  ZY_TRY(const auto time, from_rfc3339(given.as_string()).in("Timestamp"));
  return std::max<UnixSeconds>(time, 0);  // events are not older than 1970
}

Result<FeedbackRule> read_rule(std::string_view text) {
  using Test = FeedbackRule::Test;
  constexpr std::array<std::pair<std::string_view, Test>, 6> kTests = {{{">=", Test::kAtLeast},
                                                                        {"<=", Test::kAtMost},
                                                                        {"==", Test::kEqual},
                                                                        {">", Test::kMore},
                                                                        {"<", Test::kLess},
                                                                        {"=", Test::kEqual}}};
  FeedbackRule rule;
  const auto sign = text.find_first_of("<>=");
  rule.type = trim(text.substr(0, sign));
  if (rule.type.empty()) return invalid(fmt::format("\"{}\" names no type of feedback", text));
  if (sign == std::string_view::npos) return rule;
  auto rest = text.substr(sign);
  const auto test = std::ranges::find_if(kTests, [&](const auto& known) { return rest.starts_with(known.first); });
  rule.test = test->second;
  rest = trim(rest.substr(test->first.size()));
  const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), rule.bound);
  if (failed != std::errc{} || end != rest.data() + rest.size())
    return invalid(fmt::format("\"{}\" compares with no number: write it like read>=3", text));
  return rule;
}

Result<std::vector<FeedbackRule>> read_rules(std::string_view list, std::string_view name) {
  std::vector<FeedbackRule> rules;
  for (const auto part : split(list, ',')) {
    if (trim(part).empty()) continue;
    ZY_TRY(auto rule, read_rule(trim(part)).in(fmt::format("[gorse] {}", name)));
    rules.push_back(std::move(rule));
  }
  return rules;
}

bool any_holds(const std::vector<FeedbackRule>& rules, const Feedback& feedback) {
  return std::ranges::any_of(rules, [&](const auto& rule) { return rule.holds(feedback); });
}

bool any_names(const std::vector<FeedbackRule>& rules, const std::string& type) {
  return std::ranges::find(rules, type, &FeedbackRule::type) != rules.end();
}

constexpr FeedbackRules::Meaning kSeen = {EventType::kView, 0.0};

// Of a type that has the name of one of ours. 0 is Gorse's word for "no value".
FeedbackRules::Meaning by_name(EventType type, double value) {
  switch (type) {
    case EventType::kView: return {type, value > 0 ? std::optional(std::min(value, 1.0)) : std::nullopt};
    case EventType::kRating:
      if (value < 0 || value > kMostStars) return kSeen;  // of another scale: a rule must say what it means
      return {type, value};
    case EventType::kRetraction: return kSeen;
    default: return {type, value == 0 ? std::nullopt : std::optional(value)};
  }
}

Json envelope(const Feedback& feedback) {
  auto json = Json::object({{"FeedbackType", feedback.type}});
  if (feedback.value != 0) json.set("Value", feedback.value);
  if (!feedback.comment.empty()) json.set("Comment", feedback.comment);
  if (!feedback.labels.is_null()) json.set("Labels", feedback.labels);
  return json;
}

// Whether type, value and text of the event say all there is.
bool is_plain(const Feedback& feedback, const FeedbackRules::Meaning& meaning) {
  return feedback.type == to_string(meaning.type) && feedback.value == meaning.value.value_or(0) &&
         feedback.labels.is_null() && !feedback.comment.starts_with(kEnvelope);
}

// As the JSON that they become at worst.
Result<void> check_size(const Feedback& feedback) {
  const auto bytes = Json(feedback.comment).dump().size() + feedback.labels.dump().size();
  if (bytes <= kMostWords) return {};
  return Error{
      ErrorCode::kTooLarge,
      fmt::format("Comment and Labels take {} bytes together: at most {} are kept of a feedback", bytes, kMostWords),
      "Labels"};
}

}  // namespace

Result<Feedback> feedback_from_json(const Json& json, UnixSeconds now) {
  if (!json.is_object()) return invalid(fmt::format("a feedback is an object, this one is {}", json.type_name()));
  Feedback feedback;
  ZY_TRY(feedback.type, id_member(json, "FeedbackType"));
  ZY_TRY(feedback.user.value, id_member(json, "UserId"));
  ZY_TRY(feedback.item.value, id_member(json, "ItemId"));
  ZY_TRY(const auto value, number_field(json, "Value"));
  feedback.value = value.value_or(0);
  ZY_TRY(feedback.time, read_time(json, now));
  ZY_TRY(feedback.comment, text_field(json, "Comment", {.max_bytes = kMostWords, .lines = true}));
  feedback.labels = json["Labels"];
  ZY_CHECK_OK(check_size(feedback));
  return feedback;
}

Json to_json(const Feedback& feedback) {
  const auto time = to_rfc3339(feedback.time);
  return Json::object({{"FeedbackType", feedback.type},
                       {"UserId", feedback.user.value},
                       {"ItemId", feedback.item.value},
                       {"Value", feedback.value},
                       {"Timestamp", time},
                       {"Updated", time},
                       {"Labels", feedback.labels},
                       {"Comment", feedback.comment}});
}

bool FeedbackRule::holds(const Feedback& feedback) const {
  if (feedback.type != type) return false;
  switch (test) {
    case Test::kAny: return true;
    case Test::kMore: return feedback.value > bound;
    case Test::kAtLeast: return feedback.value >= bound;
    case Test::kLess: return feedback.value < bound;
    case Test::kAtMost: return feedback.value <= bound;
    case Test::kEqual: return feedback.value == bound;
  }
  return false;
}

Result<FeedbackRules> FeedbackRules::from(const FeedbackOptions& options) {
  FeedbackRules rules;
  ZY_TRY(rules.positive_, read_rules(options.positive, "positive"));
  ZY_TRY(rules.read_, read_rules(options.read, "read"));
  ZY_TRY(rules.negative_, read_rules(options.negative, "negative"));
  return rules;
}

FeedbackRules::Meaning FeedbackRules::meaning(const Feedback& feedback) const {
  if (any_holds(negative_, feedback)) return {EventType::kDislike, std::nullopt};
  if (any_holds(positive_, feedback)) return {EventType::kLike, std::nullopt};
  const bool named =
      any_names(negative_, feedback.type) || any_names(positive_, feedback.type) || any_names(read_, feedback.type);
  const auto type = event_type_from(feedback.type);
  return named || !type ? kSeen : by_name(*type, feedback.value);
}

Event event_of(const Feedback& feedback, const FeedbackRules& rules) {
  const auto meaning = rules.meaning(feedback);
  Event event;
  event.type = meaning.type;
  event.user = feedback.user;
  event.item = feedback.item;
  event.value = meaning.value;
  event.time = feedback.time;
  event.text = is_plain(feedback, meaning) ? feedback.comment : envelope(feedback).dump();
  return event;
}

Event announcement_of(const Feedback& feedback, UnixSeconds now) {
  auto remembered = envelope(feedback);
  remembered.set("Timestamp", to_rfc3339(feedback.time));
  Event event;
  event.type = EventType::kImpression;
  event.user = feedback.user;
  event.item = feedback.item;
  event.time = now;
  event.text = remembered.dump();
  return event;
}

Event retraction_of(const UserId& user, const ItemId& item, UnixSeconds now) {
  Event event;
  event.type = EventType::kRetraction;
  event.user = user;
  event.item = item;
  event.time = now;
  return event;
}

Feedback feedback_of(const Event& event) {
  Feedback feedback{
      std::string(to_string(event.type)), event.user, event.item, event.value.value_or(0), event.time, event.text, {}};
  if (!event.text.starts_with(kEnvelope)) return feedback;
  const auto json = Json::parse(event.text);
  if (!json.ok()) return feedback;
  feedback.type = (*json)["FeedbackType"].as_string();
  feedback.value = (*json)["Value"].as_number();
  feedback.comment = (*json)["Comment"].as_string();
  feedback.labels = (*json)["Labels"];
  if (const auto time = from_rfc3339((*json)["Timestamp"].as_string()); time.ok()) feedback.time = *time;
  return feedback;
}

}  // namespace zhiyin::gorse
