#include "app/serve/page_token.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/crc32c.h"
#include "base/random.h"

namespace zhiyin {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kMostBytes = 5 * (PageToken::kMostShown + 8);

std::uint32_t hash_of(const ItemId& item) { return static_cast<std::uint32_t>(mix64(crc32c(item.value)) >> 40U); }

// Which items of a view have a hash.
class HashedItems {
 public:
  explicit HashedItems(const View& view) {
    rows_.reserve(view.items().size());
    for (ItemIndex item = 0; item < view.items().size(); ++item) rows_.emplace_back(hash_of(view.item(item).id), item);
    std::ranges::sort(rows_);
  }

  [[nodiscard]] auto with(std::uint32_t hash) const {
    return std::ranges::equal_range(rows_, hash, {}, &std::pair<std::uint32_t, ItemIndex>::first);
  }

  // Of the view of the moment: kept until another one is asked for.
  static std::shared_ptr<const HashedItems> of(const std::shared_ptr<const View>& view) {
    static std::mutex mutex;
    static std::weak_ptr<const View> known;
    static std::shared_ptr<const HashedItems> hashed;
    const std::scoped_lock lock(mutex);
    if (hashed == nullptr || known.lock() != view) {
      hashed = std::make_shared<const HashedItems>(*view);
      known = view;
    }
    return hashed;
  }

 private:
  std::vector<std::pair<std::uint32_t, ItemIndex>> rows_;  // by hash
};

void put_varint(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>(value | 0x80U);
  bytes += static_cast<char>(value);
}

void put_fixed(std::string& bytes, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift & 0xffU);
}

// Takes bytes apart from the left; ok() turns false for ever at the first thing that is not there.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : left_(bytes) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return left_.empty(); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      const auto one = byte();
      value |= std::uint64_t{one & 0x7fU} << shift;
      if (one < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

  std::uint32_t fixed() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) value |= byte() << shift;
    return value;
  }

  std::uint32_t byte() {
    if (left_.empty()) {
      ok_ = false;
      return 0;
    }
    const auto one = static_cast<unsigned char>(left_[0]);
    left_.remove_prefix(1);
    return one;
  }

 private:
  std::string_view left_;
  bool ok_ = true;
};

Error refused(const char* why) { return invalid(why, "next"); }

}  // namespace

PageToken::PageToken(const UserId& user, UnixSeconds now) : user_(crc32c(user.value)), begun_(now) {}

Result<PageToken> PageToken::read(std::string_view text, const UserId& user, UnixSeconds now) {
  constexpr const char* kGarbled = "next is none that this server gave, or was cut off: ask again without it";
  const auto bytes = text.size() > 2 * kMostBytes ? Result<std::string>(refused(kGarbled)) : from_base64url(text);
  if (!bytes.ok() || bytes->size() < 4) return refused(kGarbled);
  const auto content = std::string_view(*bytes).substr(0, bytes->size() - 4);
  if (Taker(std::string_view(*bytes).substr(content.size())).fixed() != crc32c(content)) return refused(kGarbled);

  Taker taker(content);
  PageToken token;
  if (taker.byte() != static_cast<unsigned char>(kVersion)) return refused(kGarbled);
  token.user_ = taker.fixed();
  token.begun_ = static_cast<UnixSeconds>(taker.varint());
  const auto count = taker.varint();
  if (count > kMostShown) return refused(kGarbled);
  std::uint64_t hash = 0;
  for (std::uint64_t i = 0; i < count && taker.ok(); ++i) {
    hash += taker.varint();
    token.hashes_.push_back(static_cast<std::uint32_t>(hash));
  }
  if (!taker.ok() || !taker.at_end()) return refused(kGarbled);
  if (token.user_ != crc32c(user.value)) return refused("next was given to another user: ask again without it");
  if (now - token.begun_ > kLife) return refused("next is more than a day old: ask again without it");
  return token;
}

std::vector<ItemId> PageToken::shown(const std::shared_ptr<const View>& view) const {
  std::vector<ItemId> items;
  if (hashes_.empty()) return items;
  const auto hashed = HashedItems::of(view);
  for (const auto hash : hashes_) {
    for (const auto& [same, item] : hashed->with(hash)) items.push_back(view->item(item).id);
  }
  return items;
}

void PageToken::add(const ItemId& item) {
  const auto hash = hash_of(item);
  const auto place = std::ranges::lower_bound(hashes_, hash);
  if (place == hashes_.end() || *place != hash) hashes_.insert(place, hash);
}

std::string PageToken::text() const {
  std::string bytes(1, kVersion);
  put_fixed(bytes, user_);
  put_varint(bytes, static_cast<std::uint64_t>(begun_));
  put_varint(bytes, hashes_.size());
  std::uint32_t before = 0;
  for (const auto hash : hashes_) put_varint(bytes, hash - std::exchange(before, hash));
  put_fixed(bytes, crc32c(bytes));
  return to_base64url(bytes);
}

}  // namespace zhiyin
