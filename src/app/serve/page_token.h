// The `next` of a slate: all that is needed to go on without showing anything twice, in the token itself. The server
// remembers nothing, so a token outlives a restart, and whatever happens in between (new events, a new model) changes
// what comes next and never what was shown.
//
// Bytes, then base64url: version; CRC-32C of whom it is for; when the first page was (varint); how many items were
// shown (varint) and their 24-bit hashes in ascending order, each as the difference to the one before (varints);
// CRC-32C of all that. Two items of one hash count as one: of 100,000 items and 100 shown, less than one is left out
// for nothing. A forged token shows its forger something twice, and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/ids.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

class PageToken {
 public:
  static constexpr std::size_t kMostShown = 2'000;  // about 6 KB of text: what fits into the head of a request
  static constexpr UnixSeconds kLife = 86'400;      // from the first page

  // Of a first page, which has shown nothing yet.
  PageToken(const UserId& user, UnixSeconds now);

  // kInvalid, field next, for what no server gave, what another user was given, and what is older than kLife.
  static Result<PageToken> read(std::string_view text, const UserId& user, UnixSeconds now);

  // The items of the catalogue that earlier pages have shown. Cost: that of what was shown, but linear in the
  // catalogue for the first call on a view.
  [[nodiscard]] std::vector<ItemId> shown(const std::shared_ptr<const View>& view) const;

  void add(const ItemId& item);
  [[nodiscard]] bool full() const { return hashes_.size() >= kMostShown; }
  [[nodiscard]] std::string text() const;

 private:
  PageToken() = default;
  std::uint32_t user_ = 0;
  UnixSeconds begun_ = 0;
  std::vector<std::uint32_t> hashes_;  // ascending
};

}  // namespace zhiyin
