// What of the catalogue a request may be answered with, beyond what is shown at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bitmap.h"
#include "base/clock.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

struct Filter {
  std::vector<std::string> tags;              // the owner's: an item has all of them
  std::optional<UnixSeconds> published_by{};  // no item of a later time

  [[nodiscard]] bool admits(const Item& item) const;
  [[nodiscard]] bool admits_all() const { return tags.empty() && !published_by; }
};

// Takes away, by catalogue row, what the filter does not admit. Cost: linear in the catalogue unless it admits all.
void restrict(const View& view, const Filter& filter, Bitmap& allowed);

}  // namespace zhiyin
