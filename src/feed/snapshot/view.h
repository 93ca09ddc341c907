// What one request sees: the catalogue and the snapshot of one moment, with the table that leads from one to the other.
// Immutable; a new one is built aside and swapped in when the catalogue or the snapshot changes.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "domain/interactions.h"
#include "domain/item.h"
#include "feed/snapshot/snapshot.h"
#include "state/index/index.h"
#include "state/store/store.h"

namespace zhiyin {

class View {
 public:
  // Reads the whole catalogue. `snapshot` may be null: then there are no models, only popularity and freshness.
  static Result<std::shared_ptr<const View>> build(const Store& store, std::shared_ptr<const Snapshot> snapshot);

  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  [[nodiscard]] const Item& item(ItemIndex index) const { return items_[index]; }
  [[nodiscard]] std::optional<ItemIndex> find(const ItemId& id) const;

  [[nodiscard]] const Snapshot* snapshot() const { return snapshot_.get(); }
  [[nodiscard]] const std::shared_ptr<const Snapshot>& shared_snapshot() const { return snapshot_; }
  // The catalogue's row of a model's row, and back. Nothing where an item was erased, or came after the snapshot.
  [[nodiscard]] std::optional<ItemIndex> from_snapshot(ItemIndex row) const;
  [[nodiscard]] std::optional<ItemIndex> to_snapshot(ItemIndex index) const;

  // Content vectors by catalogue row (zeros where nothing is known of the item), and the modality vectors behind them.
  [[nodiscard]] const FlatIndex& content() const { return *content_; }
  [[nodiscard]] const std::vector<ModalityVector>& modalities(ItemIndex index) const { return modalities_[index]; }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<Item> items_;
  std::unordered_map<ItemId, ItemIndex> index_;
  std::vector<std::optional<ItemIndex>> from_snapshot_;
  std::vector<std::optional<ItemIndex>> to_snapshot_;
  std::vector<std::vector<ModalityVector>> modalities_;
  std::unique_ptr<FlatIndex> content_;
};

}  // namespace zhiyin
