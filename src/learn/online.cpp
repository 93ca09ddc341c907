#include "learn/online.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace zhiyin {

OnlineLearner::OnlineLearner(std::shared_ptr<const Snapshot> base, OnlineOptions options)
    : base_(std::move(base)), options_(options) {
  for (ItemIndex row = 0; row < base_->items.size(); ++row) items_.emplace(base_->items[row], row);
  // The snapshot owns its model.
  model_ = std::shared_ptr<const Model>(base_, base_->model(base_->recommender));
}

void OnlineLearner::tell(const LoggedEvent& logged) {
  offset_ = logged.offset;
  const auto& event = logged.event;
  if (event.type == EventType::kMerge) return merge(event.user, UserId(event.text), logged.offset > base_->offset);
  if (event.type == EventType::kRetraction) return take_back(event.user, event.item, logged.offset > base_->offset);
  const double says = options_.events.preference(event);
  if (says == 0) return;
  const bool since = logged.offset > base_->offset;
  const auto next = static_cast<ItemIndex>(base_->items.size() + added_.size());
  const auto [item, is_new] = items_.try_emplace(event.item, next);
  if (is_new && !since) {  // erased, or not in the catalogue at the time of the training
    items_.erase(item);
    return;
  }
  if (is_new) added_.push_back(event.item);
  const auto user = users_.try_emplace(event.user, static_cast<UserIndex>(users_.size())).first->second;
  positives_.tell(user, item->second, says, event.time);
  if (!since) positives_.settle();  // the model knows it
}

void OnlineLearner::take_back(const UserId& user, const ItemId& item, bool since) {
  const auto row = users_.find(user);
  const auto column = items_.find(item);
  if (row == users_.end() || column == items_.end()) return;
  positives_.forget(row->second, column->second);
  if (!since) positives_.settle();
}

void OnlineLearner::merge(const UserId& user, const UserId& guest, bool since) {
  const auto found = users_.find(guest);
  if (found == users_.end() || user == guest) return;
  const auto into = users_.try_emplace(user, static_cast<UserIndex>(users_.size())).first->second;
  positives_.merge(found->second, into);
  if (!since) positives_.settle();
}

Result<std::shared_ptr<const Overlay>> OnlineLearner::step(const EventLog& log) {
  if (given_up_) return *given_up_;
  const auto give_up = [&](std::string message) {
    given_up_ = Error{ErrorCode::kConflict, std::move(message), {}};
    positives_ = {};
    return *given_up_;
  };
  if (model_ == nullptr) return give_up("this snapshot has no collaborative model");
  const auto items = [&] { return base_->items.size() + added_.size(); };
  const auto follow = [&](const LoggedEvent& logged) {
    if (positives_.pairs() <= options_.most_pairs) tell(logged);
  };
  ZY_CHECK_OK(log.replay(offset_, follow));
  if (positives_.pairs() > options_.most_pairs) {
    return give_up(
        fmt::format("more than {} pairs of user and item are known: raise online.most_pairs", options_.most_pairs));
  }
  if (!positives_.changed()) return std::shared_ptr<const Overlay>();
  const auto changes = positives_.take(items());
  auto next = model_->updated(changes.update(options_.threads));
  if (!next.ok() && next.error().code == ErrorCode::kConflict) return give_up(next.error().message);
  if (!next.ok()) return std::move(next).error();
  model_ = std::move(*next);
  const auto rows = changed_items(changes.update(1));
  std::vector<ItemIndex> all;
  std::ranges::set_union(changed_, rows, std::back_inserter(all));
  changed_ = std::move(all);

  auto overlay = std::make_shared<Overlay>();
  overlay->base = base_;
  overlay->model = model_;
  overlay->changed = changed_;
  overlay->added = added_;
  for (const auto& item : added_) overlay->row_of.emplace(item, items_.at(item));
  overlay->offset = offset_;
  return std::shared_ptr<const Overlay>(std::move(overlay));
}

}  // namespace zhiyin
