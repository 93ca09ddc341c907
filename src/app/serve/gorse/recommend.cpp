// What is next for a user or a session, and who and what is alike.
#include <fmt/format.h>

#include <algorithm>

#include "app/serve/gorse/answers.h"
#include "app/serve/gorse/handlers.h"
#include "base/crc32c.h"
#include "base/random.h"
#include "domain/user.h"
#include "feed/recommend/lists.h"
#include "feed/recommend/similar.h"
#include "feed/recommend/similar_users.h"

namespace zhiyin::gorse {
namespace {

constexpr std::size_t kMostOffset = 2'000;  // there is no slate beyond: a page further on is empty
constexpr UnixSeconds kDay = 86'400;

// A page is a part of one long slate, so what is drawn must be drawn alike for all of them: it changes by the day.
std::uint64_t seed_of(const Gorse& gorse, const UserId& user) {
  return mix64(crc32c(user.value) ^ mix64(static_cast<std::uint64_t>(gorse.service.clock().now() / kDay)));
}

// What no source offers comes behind the slate, the latest first, so that a list is as long as was asked.
void fill_up(const Gorse& gorse, const zhiyin::Request& asked, std::vector<Recommended>& items) {
  ListRequest rest{
      .ranking = Ranking::kLatest, .filter = asked.filter, .exclude = asked.exclude, .unseen_by = asked.user};
  for (const auto& one : items) rest.exclude.push_back(one.item);
  const auto view = gorse.service.view();
  for (const auto& one : list_items(*view, gorse.service.live(), rest, gorse.service.clock().now())) {
    if (items.size() == asked.count) return;
    items.push_back({view->item(one.item).id, 0, SourceKind::kFresh, {}, {}});
  }
}

Result<std::vector<Recommended>> page_of(const Gorse& gorse, zhiyin::Request asked, const Part& part) {
  if (part.offset > kMostOffset || part.n == 0) return std::vector<Recommended>{};
  asked.count = part.offset + part.n;
  asked.registered = true;  // whoever is not known yet gets what many like
  asked.seed = seed_of(gorse, asked.user);
  ZY_TRY(auto slate, gorse.service.recommender().recommend(asked));
  if (slate.items.size() < asked.count && !asked.only) fill_up(gorse, asked, slate.items);
  slate.items.erase(slate.items.begin(),
                    slate.items.begin() + static_cast<std::ptrdiff_t>(std::min(part.offset, slate.items.size())));
  return std::move(slate.items);
}

// Scores as Gorse's clients know them: they fall from the first to the last, across sources.
Json scores_of(const std::vector<Recommended>& items, const Part& part) {
  auto list = Json::array();
  for (std::size_t i = 0; i < items.size(); ++i)
    list.push(score(items[i].item.value, 1.0 / static_cast<double>(part.offset + i + 1)));
  return list;
}

Json list_of(const std::vector<Recommended>& items, const Part& part, const http::Request& request) {
  if (request.headers.get("X-API-Version").value_or("") == "2") return scores_of(items, part);
  auto list = Json::array();
  for (const auto& one : items) list.push(one.item.value);
  return list;
}

// All the page's items as feedback of the asked type, in one write.
Result<void> write_back(Gorse& gorse, const http::Request& request, const UserId& user,
                        const std::vector<Recommended>& items) {
  const auto type = request.query.get_or("write-back-type", "");
  if (type.empty()) return {};
  UnixSeconds delay = 0;
  if (const auto text = request.query.get_or("write-back-delay", ""); !text.empty()) {
    ZY_TRY(delay, parse_duration(text, "write-back-delay"));
  }
  std::vector<Feedback> feedbacks;
  const auto time = gorse.service.clock().now() + delay;
  for (const auto& one : items) feedbacks.push_back({std::string(type), user, one.item, 0, time, {}, {}});
  return gorse.feedbacks.write(feedbacks, Existing::kOverwrite);
}

// In the order of their times. Who it was, and what kind of feedback it is, may be left out.
Result<std::vector<Feedback>> session_of(const Gorse& gorse, const std::vector<Json>& rows) {
  std::vector<Feedback> session;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    if (row["UserId"].as_string().empty()) row.set("UserId", "anonymous");
    if (row["FeedbackType"].as_string().empty()) row.set("FeedbackType", "read");
    ZY_TRY(auto feedback, feedback_from_json(row, gorse.service.clock().now()).in(fmt::format("feedback {}", i)));
    session.push_back(std::move(feedback));
  }
  std::ranges::stable_sort(session, {}, &Feedback::time);
  return session;
}

bool speaks_against(const FeedbackRules::Meaning& meaning) {
  return meaning.type == EventType::kDislike || meaning.type == EventType::kSkip;
}
bool says_nothing(const FeedbackRules::Meaning& meaning) {
  return meaning.type == EventType::kImpression || (meaning.type == EventType::kView && meaning.value == 0);
}

// What speaks for an item is the session's history; where nothing does, all that was merely seen. None of it comes again.
void enter(const Gorse& gorse, const std::vector<Feedback>& session, zhiyin::Request& asked) {
  std::vector<ItemId> seen;
  for (const auto& feedback : session) {
    asked.exclude.push_back(feedback.item);
    const auto meaning = gorse.rules.meaning(feedback);
    if (!speaks_against(meaning)) (says_nothing(meaning) ? seen : asked.session).push_back(feedback.item);
  }
  if (asked.session.empty()) asked.session = std::move(seen);
}

// More and more of the neighbours until enough of them pass, or there are no more.
Result<Json> neighbours(const Gorse& gorse, const http::Request& request, const ItemId& id) {
  ZY_TRY(const auto part, part_of(gorse, request, kMostScores));
  const auto view = gorse.service.view();
  const auto filter = filter_of(gorse, request);
  const auto reader = request.query.get("user-id");
  const auto past = reader ? gorse.service.live().user(UserId(*reader)) : nullptr;
  const auto passes = [&](const ItemId& item) {
    const bool was_read =
        past != nullptr && std::ranges::find(past->touched, item, &Touched::item) != past->touched.end();
    return !was_read && filter.admits(view->item(*view->find(item)));
  };
  const auto wanted = part.offset + part.n;
  for (auto asked = std::max<std::size_t>(wanted, 1);; asked *= 4) {
    ZY_TRY(const auto similar, similar_items(*view, id, asked, Language::kEnglish));
    auto list = Json::array();
    std::size_t passed = 0;
    for (const auto& one : similar) {
      if (passed == wanted) break;
      if (passes(one.item) && ++passed > part.offset) list.push(score(one.item.value, one.score));
    }
    if (passed == wanted || similar.size() < asked) return list;
  }
}

}  // namespace

http::Response recommend(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto part, part_of(gorse, request, kMostScores));
    ZY_CHECK_OK(gorse.feedbacks.settle());
    zhiyin::Request asked;
    asked.user = UserId(path_value(request, "user-id"));
    asked.filter = filter_of(gorse, request);
    ZY_TRY(const auto items, page_of(gorse, asked, part));
    ZY_CHECK_OK(write_back(gorse, request, asked.user, items));
    return list_of(items, part, request);
  }());
}

http::Response session_recommend(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto part, part_of(gorse, request, kMostScores));
    ZY_TRY(const auto rows, gorse::list_of(request));
    ZY_TRY(const auto session, session_of(gorse, rows));
    zhiyin::Request asked;
    asked.user = UserId(std::string(kGuestPrefix));  // who it is does not matter: nothing is remembered
    asked.filter = filter_of(gorse, request);
    enter(gorse, session, asked);
    ZY_TRY(const auto items, page_of(gorse, asked, part));
    return scores_of(items, part);
  }());
}

http::Response collaborative(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto part, part_of(gorse, request, kMostScores));
    ZY_CHECK_OK(gorse.feedbacks.settle());
    zhiyin::Request asked;
    asked.user = UserId(path_value(request, "user-id"));
    asked.only = SourceKind::kCollaborative;
    asked.filter = filter_of(gorse, request);
    ZY_TRY(const auto items, page_of(gorse, asked, part));
    auto list = Json::array();
    for (const auto& one : items) list.push(score(one.item.value, one.score));
    return list;
  }());
}

http::Response item_neighbours(Gorse& gorse, const http::Request& request) {
  return answer(neighbours(gorse, request, ItemId(path_value(request, "item-id"))));
}

http::Response user_neighbours(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto part, part_of(gorse, request, kMostScores));
    const auto similar =
        similar_users(gorse.service.live(), UserId(path_value(request, "user-id")), part.offset + part.n);
    auto list = Json::array();
    for (std::size_t i = part.offset; i < similar.size(); ++i)
      list.push(score(similar[i].user.value, similar[i].score));
    return list;
  }());
}

}  // namespace zhiyin::gorse
