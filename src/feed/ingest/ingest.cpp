// The write path of items and events; that of a file is in ingest_file.cpp.
#include "feed/ingest/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

#include "base/counters.h"
#include "base/log.h"
#include "feed/ingest/label_vectors.h"
#include "feed/ingest/words.h"

namespace zhiyin {
namespace {

constexpr Offset kShortGap = 1000;      // events of others that are applied before one's own
constexpr std::size_t kTakenIn = 1000;  // at a time, when catching up

Counter& count_of(std::string_view outcome) {
  return counter("zhiyin_events_total", "Events by what became of them.", {{"outcome", std::string(outcome)}});
}

}  // namespace

Ingest::Ingest(Store& store, EventLog& log, Live* live, const Encoders& encoders, IngestOptions options)
    : store_(store),
      log_(log),
      live_(live),
      encoders_(encoders),
      options_(std::move(options)),
      followed_(live == nullptr ? 0 : live->count_events()) {}

Result<void> Ingest::items(std::span<const Item> items) {
  ZY_TRY(const auto words, read_all(items));
  ZY_CHECK_OK(store_.put_words(items, words));
  const auto brought = label_vectors(items);
  return brought.empty() ? Result<void>() : store_.put_vectors(brought);
}

Result<void> Ingest::read_again(std::span<const Item> items) {
  ZY_TRY(const auto words, read_all(items));
  return store_.put_words({}, words);
}

void Ingest::events_later(std::vector<Event> events, std::function<void(Result<Appended>)> done) {
  const auto waiting = log_.waiting_events();
  if (waiting > 0 && waiting + events.size() > options_.max_waiting_events) {
    count_of("busy").add(static_cast<std::int64_t>(events.size()));
    return done(Error{ErrorCode::kBusy,
                      fmt::format("{} events wait for the disk already: send these again in a second", waiting),
                      {}});
  }
  if (live_ != nullptr) {
    for (auto& event : events) {
      event.source =
          event.recommendation.empty() ? std::string() : live_->outcomes().source_of(event.recommendation, event.item);
    }
  }
  log_.append_later(std::move(events),
                    [this, done = std::move(done)](const std::vector<Event>& logged, Result<Appended> appended) {
                      if (live_ != nullptr && appended.ok()) follow(logged, *appended);
                      done(std::move(appended));
                    });
}

// Events that stand in the log now reach the live state. What another process appended before them comes first, as in
// the log, unless that is so much that they would wait for it.
void Ingest::follow(std::span<const Event> events, const Appended& appended) {
  count_of("accepted").add(appended.accepted);
  count_of("duplicate").add(appended.duplicates);
  const std::lock_guard lock(follow_mutex_);
  const Range own{appended.offset - appended.accepted + 1, appended.offset};
  if (followed_ + 1 < own.first && own.first - followed_ <= kShortGap) {
    std::vector<LoggedEvent> before;
    const auto read = log_.replay(followed_, [&](const LoggedEvent& logged) {
      if (logged.offset < own.first) before.push_back(logged);
    });
    if (!read.ok()) log_error("the live state lacks what others logged: {}", read.error().message);
    apply_logged(before);
  }
  auto offset = own.first;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (appended.duplicate[i]) continue;
    if (offset > followed_) live_->apply(events[i]);
    ++offset;
  }
  if (followed_ + 1 >= own.first) {
    followed_ = std::max(followed_, own.last);
  } else if (own.first <= own.last) {
    ahead_.push_back(own);
  }
}

// In the log's order, without what is applied already.
void Ingest::apply_logged(std::span<const LoggedEvent> events) {
  for (const auto& logged : events) {
    if (logged.offset <= followed_) continue;
    const bool is_ahead = std::ranges::any_of(
        ahead_, [&](const Range& range) { return logged.offset >= range.first && logged.offset <= range.last; });
    if (!is_ahead) live_->apply(logged.event);
    followed_ = logged.offset;
  }
  std::erase_if(ahead_, [&](const Range& range) { return range.last <= followed_; });
}

Result<void> Ingest::catch_up() {
  if (live_ == nullptr) return {};
  const std::lock_guard alone(catch_up_mutex_);
  std::vector<LoggedEvent> some;
  const auto take_in = [&] {
    const std::lock_guard lock(follow_mutex_);
    apply_logged(some);
    some.clear();
  };
  const auto from = [&] {
    const std::lock_guard lock(follow_mutex_);
    return followed_;
  }();
  ZY_CHECK_OK(log_.replay(from, [&](const LoggedEvent& logged) {
    some.push_back(logged);
    if (some.size() == kTakenIn) take_in();
  }));
  take_in();
  return {};
}

Result<Appended> Ingest::events(std::span<const Event> events) {
  std::promise<Result<Appended>> answer;
  events_later({events.begin(), events.end()},
               [&](Result<Appended> appended) { answer.set_value(std::move(appended)); });
  return answer.get_future().get();
}

// All items at a time, because the encoders are several times cheaper in batches.
Result<std::vector<ItemWords>> Ingest::read_all(std::span<const Item> items) const {
  std::vector<std::string> texts;
  std::vector<ItemWords> words;
  for (const auto& item : items) {
    std::optional<Perception> perception;
    if (item.media.kind != MediaKind::kNone) {
      ZY_TRY(perception, store_.perception(item.id));
    }
    texts.push_back(words_of(item, perception ? perception->passages : std::vector<Passage>{}));
    words.push_back({item.id, {}, text_versions()});
  }
  for (const auto& encoder : encoders_.text) {
    const auto rows = encoder->encode(texts);
    if (!rows.ok()) {  // costs its vectors, not the items; the next scan tries again
      log_warning("{} items are not read by {}: {}", items.size(), encoder->name(), rows.error().message);
      for (auto& read : words) read.read_by.erase(std::string(encoder->name()));
      continue;
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto row = std::span(*rows).subspan(i * encoder->dim(), encoder->dim());
      if (std::ranges::all_of(row, [](float x) { return x == 0; })) continue;
      words[i].vectors.push_back({std::string(encoder->name()), encoder->version(), {row.begin(), row.end()}});
    }
  }
  return words;
}

EncoderVersions Ingest::text_versions() const {
  EncoderVersions versions{{std::string(kWordsName), kWordsVersion}};
  for (const auto& encoder : encoders_.text) versions[std::string(encoder->name())] = encoder->version();
  return versions;
}

bool Ingest::words_outdated(const EncoderVersions& understood_by) const {
  return std::ranges::any_of(text_versions(), [&](const auto& now) {
    const auto then = understood_by.find(now.first);
    return then == understood_by.end() || then->second != now.second;
  });
}

bool Ingest::senses_outdated(const EncoderVersions& understood_by) const {
  return !senses_not_in(understood_by).empty();
}

// All of them where the file was decoded by an older decoder, which may have given them something else.
std::vector<const Sense*> Ingest::senses_not_in(const EncoderVersions& understood_by) const {
  const auto is = [&](std::string_view name, int version) {
    const auto then = understood_by.find(name);
    return then != understood_by.end() && then->second == version;
  };
  const bool decoded = is(kDecoderName, kDecoderVersion);
  std::vector<const Sense*> missing;
  for (const auto& sense : encoders_.senses) {
    if (!decoded || !is(sense->name(), sense->version())) missing.push_back(sense.get());
  }
  return missing;
}

}  // namespace zhiyin
