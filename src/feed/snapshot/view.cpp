#include "feed/snapshot/view.h"

#include <algorithm>

namespace zhiyin {

Result<std::shared_ptr<const View>> View::build(const Store& store, std::shared_ptr<const Snapshot> snapshot) {
  auto view = std::make_shared<View>();
  view->snapshot_ = std::move(snapshot);
  ZY_CHECK_OK(store.each_item([&](Item&& item) {
    view->index_.emplace(item.id, static_cast<ItemIndex>(view->items_.size()));
    view->items_.push_back(std::move(item));
  }));
  view->modalities_.resize(view->items_.size());
  ZY_CHECK_OK(store.each_vector([&](const ItemId& id, StoredVector&& vector) {
    if (const auto index = view->find(id)) {
      view->modalities_[*index].push_back({std::move(vector.encoder), vector.version, std::move(vector.values)});
    }
  }));

  view->to_snapshot_.resize(view->items_.size());
  std::vector<float> content;
  std::size_t dim = 0;
  if (const auto* trained = view->snapshot_.get()) {
    view->from_snapshot_.resize(trained->items.size());
    for (ItemIndex row = 0; row < trained->items.size(); ++row) {
      const auto index = view->find(trained->items[row]);
      view->from_snapshot_[row] = index;
      if (index) view->to_snapshot_[*index] = row;
    }
    if (trained->fusion) {
      dim = trained->fusion->dim();
      content.resize(view->items_.size() * dim);
      for (std::size_t i = 0; i < view->items_.size(); ++i) {
        std::ranges::copy(trained->fusion->fuse(view->modalities_[i]),
                          content.begin() + static_cast<std::ptrdiff_t>(i * dim));
      }
    }
  }
  view->content_ = std::make_unique<FlatIndex>(content, dim);
  return std::shared_ptr<const View>(std::move(view));
}

std::optional<ItemIndex> View::find(const ItemId& id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<ItemIndex> View::from_snapshot(ItemIndex row) const {
  return row < from_snapshot_.size() ? from_snapshot_[row] : std::nullopt;
}

std::optional<ItemIndex> View::to_snapshot(ItemIndex index) const {
  return index < to_snapshot_.size() ? to_snapshot_[index] : std::nullopt;
}

}  // namespace zhiyin
