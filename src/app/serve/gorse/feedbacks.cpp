#include "app/serve/gorse/feedbacks.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.h"

namespace zhiyin::gorse {
namespace {

constexpr std::size_t kChunk = 20'000;  // events that are brought into the table in one transaction

Feedback to_feedback(const FeedbackRow& row) {
  Feedback feedback{row.key.type, row.key.user, row.key.item, row.value, row.time, row.comment, {}};
  if (!row.labels.empty()) {
    if (auto labels = Json::parse(row.labels); labels.ok()) feedback.labels = std::move(*labels);
  }
  return feedback;
}

std::vector<Feedback> to_feedbacks(const std::vector<FeedbackRow>& rows, const std::string& type = {}) {
  std::vector<Feedback> feedbacks;
  for (const auto& row : rows) {
    if (type.empty() || row.key.type == type) feedbacks.push_back(to_feedback(row));
  }
  return feedbacks;
}

FeedbackRow to_row(const Feedback& feedback, bool announced) {
  return {{feedback.type, feedback.user, feedback.item},
          feedback.value,
          feedback.time,
          feedback.comment,
          feedback.labels.is_null() ? std::string() : feedback.labels.dump(),
          announced};
}

FeedbackChange change_of(const Event& event) {
  if (event.type == EventType::kRetraction)
    return {FeedbackChange::Kind::kErasePair, {.key = {{}, event.user, event.item}}};
  if (event.type == EventType::kMerge)
    return {FeedbackChange::Kind::kMerge, {.key = {{}, event.user, ItemId()}}, UserId(event.text)};
  const auto feedback = feedback_of(event);
  return {FeedbackChange::Kind::kPut, to_row(feedback, feedback.time > event.time)};
}

}  // namespace

// Feedback of one call on its way to the log: what the table says of each user and item it is about, as it changes,
// and the events that say so.
class Feedbacks::Batch {
 public:
  Batch(const FeedbackTable& table, const FeedbackRules& rules, UnixSeconds now)
      : table_(table), rules_(rules), now_(now) {}

  Result<void> write(Feedback feedback, Existing existing) {
    ZY_TRY(auto* standing, pair(feedback.user, feedback.item));
    const auto known = std::ranges::find(*standing, feedback.type, [](const auto& row) { return row.key.type; });
    if (known == standing->end()) {
      standing->push_back(to_row(feedback, feedback.time > now_));
      say(standing->back());
      return {};
    }
    const auto before = *known;
    if (existing == Existing::kAddTo) feedback.value += before.value;
    *known = to_row(feedback, feedback.time > now_);
    const bool means_the_same =
        before.announced || (!known->announced && rules_.meaning(to_feedback(before)) == rules_.meaning(feedback));
    if (means_the_same) {
      say(*known);
    } else {
      restate(feedback.user, feedback.item, *standing);
    }
    return {};
  }

  Result<void> erase(const std::vector<FeedbackRow>& rows) {
    for (const auto& erased : rows) {
      const auto& key = erased.key;
      ZY_TRY(auto* standing, pair(key.user, key.item));
      std::erase_if(*standing, [&](const auto& row) { return row.key == key; });
    }
    for (const auto& [who, standing] : pairs_) restate(who.first, who.second, standing);
    return {};
  }

  [[nodiscard]] const std::vector<Event>& events() const { return events_; }

 private:
  Result<std::vector<FeedbackRow>*> pair(const UserId& user, const ItemId& item) {
    const auto [found, is_new] = pairs_.try_emplace({user, item});
    if (is_new) {
      ZY_TRY(found->second, table_.of_pair(user, item));
    }
    return &found->second;
  }

  void say(const FeedbackRow& row) {
    const auto feedback = to_feedback(row);
    events_.push_back(row.announced ? announcement_of(feedback, now_) : event_of(feedback, rules_));
  }

  void restate(const UserId& user, const ItemId& item, const std::vector<FeedbackRow>& standing) {
    events_.push_back(retraction_of(user, item, now_));
    for (const auto& row : standing) say(row);
  }

  const FeedbackTable& table_;
  const FeedbackRules& rules_;
  UnixSeconds now_;
  std::map<std::pair<UserId, ItemId>, std::vector<FeedbackRow>> pairs_;
  std::vector<Event> events_;
};

Result<void> Feedbacks::catch_up() {
  if (table_ == nullptr) {
    ZY_TRY(table_, FeedbackTable::open(path_));
  }
  ZY_TRY(auto at, table_->offset());
  ZY_TRY(const auto last, log_.last_offset());
  if (at > last) {  // another log than the one it was made from: a restored backup
    log_warning("{} is ahead of its log and is made anew", path_.string());
    table_.reset();
    for (const auto* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + tail);
    ZY_TRY(table_, FeedbackTable::open(path_));
    at = 0;
  }
  if (at == last) return promote();
  std::vector<FeedbackChange> changes;
  auto applied = Result<void>();
  ZY_CHECK_OK(log_.replay(at, [&](const LoggedEvent& logged) {
    if (!applied.ok()) return;
    at = logged.offset;
    const bool is_merge = logged.event.type == EventType::kMerge;
    if (logged.event.item.value.empty() && !is_merge) return;  // of no item: nothing that anybody thinks of one
    changes.push_back(change_of(logged.event));
    if (changes.size() < kChunk) return;
    applied = table_->apply(changes, at);
    changes.clear();
  }));
  ZY_CHECK_OK(std::move(applied));
  ZY_CHECK_OK(table_->apply(changes, at));
  return promote();
}

// Each announced feedback is said again, now that its time has come.
Result<void> Feedbacks::promote() {
  ZY_TRY(const auto due, table_->due(clock_.now()));
  if (due.empty()) {
    ZY_TRY(next_due_, table_->next_due());
    return {};
  }
  std::vector<Event> events;
  for (const auto& row : due) events.push_back(event_of(to_feedback(row), rules_));
  ZY_CHECK_OK(ingest_.events(events));
  return catch_up();
}

// Group commit: whoever is in front writes for all that wait, and they share an fsync.
Result<void> Feedbacks::write(std::span<const Feedback> feedbacks, Existing existing) {
  Waiting mine{feedbacks, existing};
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&mine);
  turn_.wait(lock, [&] { return mine.done || queue_.front() == &mine; });
  if (mine.done) return mine.result;
  const std::vector<Waiting*> group(queue_.begin(), queue_.end());
  lock.unlock();
  const auto written = write_all(group);
  lock.lock();
  for (auto* waiting : group) {
    queue_.pop_front();
    waiting->result = written;
    waiting->done = true;
  }
  turn_.notify_all();
  return written;
}

Result<void> Feedbacks::write_all(std::span<Waiting* const> group) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  const auto now = clock_.now();
  Batch batch(*table_, rules_, now);
  auto due = next_due_.load();
  for (const auto* waiting : group) {
    for (const auto& feedback : waiting->feedbacks) {
      ZY_CHECK_OK(batch.write(feedback, waiting->existing));
      if (feedback.time > now) due = std::min(due, feedback.time);
    }
  }
  ZY_CHECK_OK(ingest_.events(batch.events()));
  next_due_ = due;
  return {};
}

Result<std::int64_t> Feedbacks::erase_rows(const std::vector<FeedbackRow>& rows) {
  if (rows.empty()) return 0;
  Batch batch(*table_, rules_, clock_.now());
  ZY_CHECK_OK(batch.erase(rows));
  ZY_CHECK_OK(ingest_.events(batch.events()));
  return static_cast<std::int64_t>(rows.size());
}

Result<std::int64_t> Feedbacks::erase(const std::string& type, const UserId& user, const ItemId& item) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  ZY_TRY(auto row, table_->row({type, user, item}));
  return row ? erase_rows({std::move(*row)}) : 0;
}

Result<std::int64_t> Feedbacks::erase(const UserId& user, const ItemId& item) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  ZY_TRY(const auto rows, table_->of_pair(user, item));
  return erase_rows(rows);
}

Result<std::int64_t> Feedbacks::erase(const UserId& user) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  ZY_TRY(const auto rows, table_->of_user(user));
  return erase_rows(rows);
}

Result<std::int64_t> Feedbacks::erase(const ItemId& item) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  ZY_TRY(const auto rows, table_->of_item(item));
  return erase_rows(rows);
}

Result<std::optional<Feedback>> Feedbacks::one(const FeedbackKey& key) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  ZY_TRY(const auto row, table_->row(key));
  return row ? std::optional(to_feedback(*row)) : std::nullopt;
}

Result<std::vector<Feedback>> Feedbacks::of_pair(const UserId& user, const ItemId& item) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  ZY_TRY(const auto rows, table_->of_pair(user, item));
  return to_feedbacks(rows);
}

Result<std::vector<Feedback>> Feedbacks::of_user(const UserId& user, const std::string& type) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  ZY_TRY(const auto rows, table_->of_user(user));
  return to_feedbacks(rows, type);
}

Result<std::vector<Feedback>> Feedbacks::of_item(const ItemId& item, const std::string& type) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  ZY_TRY(const auto rows, table_->of_item(item));
  return to_feedbacks(rows, type);
}

Result<std::vector<Feedback>> Feedbacks::page(const std::string& type, const FeedbackKey& after, std::size_t count) {
  const std::scoped_lock lock(mutex_);
  ZY_CHECK_OK(catch_up());
  ZY_TRY(const auto rows, table_->page(type, after, count));
  return to_feedbacks(rows);
}

Result<void> Feedbacks::settle() {
  if (clock_.now() < next_due_) return {};
  const std::scoped_lock lock(mutex_);
  return catch_up();
}

}  // namespace zhiyin::gorse
