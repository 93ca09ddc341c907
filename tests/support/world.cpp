#include "support/world.h"

#include <gtest/gtest.h>

#include <charconv>
#include <sstream>

#include "base/text.h"
#include "state/bus/local/local_event_log.h"
#include "state/store/sqlite/sqlite_store.h"
#include "support/must.h"
#include "understand/embed/text/hashed_text.h"

namespace zhiyin {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (const auto line : split(text, '\n')) {
    if (!trim(line).empty()) lines.push_back(trim(line));
  }
  return lines;
}

}  // namespace

World::World()
    : store(must(open_sqlite_store(folder / "catalogue.db"))), log(must(open_local_log(folder / "events.db"))) {
  encoders.text.push_back(std::make_unique<HashedText>());
  ingest = std::make_unique<Ingest>(*store, *log, &live, encoders, IngestOptions{});
  recommender = std::make_unique<Recommender>([this] { return view; }, live, Recommender::default_sources(live),
                                              RecommendOptions{});
  refresh();
}

void World::items(std::string_view lines) {
  std::vector<Item> items;
  for (const auto line : lines_of(lines)) {
    const auto bar = split(line, '|');
    const auto space = bar[0].find(' ');
    Item item;
    item.id = ItemId(bar[0].substr(0, space));
    item.title = space == std::string_view::npos ? "" : std::string(trim(bar[0].substr(space)));
    for (const auto tag : bar.size() > 1 ? split(bar[1], ',') : std::vector<std::string_view>{})
      item.tags.emplace_back(trim(tag));
    items.push_back(std::move(item));
  }
  must(ingest->items(items));
  refresh();
}

void World::events(std::string_view lines) {
  std::vector<Event> events;
  for (const auto line : lines_of(lines)) {
    std::istringstream words{std::string(line)};
    std::string user;
    std::string type;
    std::string item;
    words >> user >> type >> item;
    clock.advance(60);
    Event event;
    event.type = event_type_from(type).value();
    event.user = UserId(user);
    event.item = ItemId(item);
    event.time = clock.now();
    if (double value = 0; words >> value) event.value = value;
    events.push_back(std::move(event));
  }
  must(ingest->events(events));
}

void World::train(const std::vector<std::string>& models) {
  must(zhiyin::train(folder.path(), *store, *log, clock, {.models = models}));
  refresh();
}

void World::refresh() {
  auto snapshot = load_current_snapshot(folder.path());
  view = must(View::build(*store, snapshot.ok() ? *snapshot : nullptr));
}

Slate World::slate(std::string_view user, std::size_t count, Language language) {
  return must(recommender->recommend({UserId(user), count, {}, language}));
}

std::vector<std::string> World::recommend(std::string_view user, std::size_t count) {
  std::vector<std::string> ids;
  for (const auto& item : slate(user, count).items) ids.push_back(item.item.value);
  return ids;
}

}  // namespace zhiyin
