// Feedback as Gorse keeps it, over a log that only grows: one feedback for each (type, user, item), added to,
// overwritten, deleted. Reads see the table (FeedbackTable), which is brought up to the log first, so that what came
// over /v1 is there too. Writes are events that say what is so from now on, never what was done: replayed at any time,
// by anybody, they lead to the same state.
//
//   added, overwritten   the feedback's event, with the value it has now
//   ... and means another thing than before (a like that no longer is one): a retraction of all the user did with the
//                        item, then an event for each feedback that stands
//   deleted              the same
//   ahead of time        an event that says nothing yet; the real one follows when the time has come and anything is
//                        asked of this class
//
// Thread-safe; reads one at a time, writes in groups. The first call on a home costs a walk through its log.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "feed/ingest/gorse_feedback.h"
#include "feed/ingest/ingest.h"
#include "state/bus/event_log.h"
#include "state/store/sqlite/feedback_table.h"

namespace zhiyin::gorse {

enum class Existing { kAddTo, kOverwrite };  // what becomes of the value that is there already

class Feedbacks {
 public:
  // The table is `path`, opened at the first call. All references must outlive this.
  Feedbacks(std::filesystem::path path, const EventLog& log, Ingest& ingest, const Clock& clock, FeedbackRules rules)
      : path_(std::move(path)),
        log_(log),
        ingest_(ingest),
        clock_(clock),
        rules_(std::move(rules)),
        next_due_(std::filesystem::exists(path_) ? 0 : kNothingDue) {}

  // On disk in the log when it returns. Calls that wait for each other share a commit.
  Result<void> write(std::span<const Feedback> feedbacks, Existing existing);

  // What was deleted, as many as there were.
  Result<std::int64_t> erase(const std::string& type, const UserId& user, const ItemId& item);
  Result<std::int64_t> erase(const UserId& user, const ItemId& item);
  Result<std::int64_t> erase(const UserId& user);
  Result<std::int64_t> erase(const ItemId& item);

  Result<std::optional<Feedback>> one(const FeedbackKey& key);
  // Of one type, or (empty) of all.
  Result<std::vector<Feedback>> of_pair(const UserId& user, const ItemId& item);
  Result<std::vector<Feedback>> of_user(const UserId& user, const std::string& type);
  Result<std::vector<Feedback>> of_item(const ItemId& item, const std::string& type);
  Result<std::vector<Feedback>> page(const std::string& type, const FeedbackKey& after, std::size_t count);

  // Lets feedback whose time has come count, if there is any. Costs nothing where there is none.
  Result<void> settle();

 private:
  class Batch;
  struct Waiting {
    std::span<const Feedback> feedbacks;
    Existing existing;
    Result<void> result = {};
    bool done = false;
  };
  Result<void> write_all(std::span<Waiting* const> group);
  Result<void> catch_up();
  Result<void> promote();
  Result<std::int64_t> erase_rows(const std::vector<FeedbackRow>& rows);

  const std::filesystem::path path_;
  const EventLog& log_;
  Ingest& ingest_;
  const Clock& clock_;
  const FeedbackRules rules_;
  static constexpr UnixSeconds kNothingDue = std::numeric_limits<UnixSeconds>::max();
  std::atomic<UnixSeconds> next_due_;  // no announced feedback's time comes before
  std::mutex queue_mutex_;
  std::condition_variable turn_;
  std::deque<Waiting*> queue_;  // GUARDED_BY(queue_mutex_); the one in front writes
  std::mutex mutex_;
  std::unique_ptr<FeedbackTable> table_;  // GUARDED_BY(mutex_)
};

}  // namespace zhiyin::gorse
