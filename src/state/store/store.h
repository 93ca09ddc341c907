// What is kept of the catalogue: items, users, what was understood of each item (vectors, cover), and reports of files
// that could not be understood. Behaviour is not here: it is in the event log (state/bus).
//
// Thread-safe. Every call is one transaction: after a crash it happened or it did not. Errors name the home's file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/item.h"
#include "domain/perception.h"
#include "domain/user.h"

namespace zhiyin {

struct ItemVector {
  ItemId item;
  StoredVector vector;
};

struct Cover {
  std::string content_type;  // "image/jpeg"
  std::string bytes;
};

// A file that the scan could not use, or only in part.
struct FileReport {
  std::string path;
  std::string reason;
  std::int64_t size = 0;     // bytes, and modification time in ns: a file that did not change is not tried again
  std::int64_t modified_ns = 0;
};

// What the scan knows of a file it has seen, so that an unchanged file costs one stat().
struct ScannedFile {
  std::string path;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::string content_hash;
  ItemId item;
};

class Store {
 public:
  virtual ~Store() = default;

  // A number that changes whenever another process has written to the catalogue.
  virtual Result<std::int64_t> version() const = 0;

  // --- Items. put adds or replaces whole items, all or none. The media part is kept as given.
  virtual Result<void> put_items(std::span<const Item> items) = 0;
  virtual Result<std::optional<Item>> item(const ItemId& id) const = 0;
  virtual Result<void> erase_item(const ItemId& id) = 0;  // its vectors and cover too; unknown ids are not an error
  virtual Result<std::int64_t> count_items() const = 0;
  // Every item, in the order first added (a stable rank that survives updates).
  virtual Result<void> each_item(const std::function<void(Item&&)>& visit) const = 0;

  // --- Users.
  virtual Result<void> put_users(std::span<const User> users) = 0;
  virtual Result<std::optional<User>> user(const UserId& id) const = 0;
  virtual Result<void> erase_user(const UserId& id) = 0;
  virtual Result<std::int64_t> count_users() const = 0;
  virtual Result<void> each_user(const std::function<void(User&&)>& visit) const = 0;

  // --- What was understood. put_understanding writes the item, its perception (vectors replace those of the same encoder,
  // the rest what was there) and its cover in one transaction, together with the file it came from.
  virtual Result<void> put_understanding(const Item& item, const Perception& perception, const std::optional<Cover>& cover,
                                         const ScannedFile& file) = 0;
  // Without its vectors; nothing of an item that came without a file.
  virtual Result<std::optional<Perception>> perception(const ItemId& id) const = 0;
  virtual Result<void> put_vectors(std::span<const ItemVector> vectors) = 0;
  virtual Result<std::vector<StoredVector>> vectors(const ItemId& id) const = 0;
  virtual Result<void> each_vector(const std::function<void(const ItemId&, StoredVector&&)>& visit) const = 0;
  virtual Result<std::optional<Cover>> cover(const ItemId& id) const = 0;

  // --- Files.
  virtual Result<std::optional<ScannedFile>> file(const std::string& path) const = 0;
  virtual Result<std::optional<ScannedFile>> file_by_hash(const std::string& content_hash) const = 0;
  virtual Result<void> put_file(const ScannedFile& file) = 0;
  virtual Result<void> put_report(const FileReport& report) = 0;   // replaces an older one of the same path
  virtual Result<void> erase_report(const std::string& path) = 0;
  virtual Result<std::vector<FileReport>> reports() const = 0;
};

}  // namespace zhiyin
