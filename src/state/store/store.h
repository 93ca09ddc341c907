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

#include "base/kernels/compact.h"
#include "base/result.h"
#include "domain/item.h"
#include "domain/perception.h"
#include "domain/user.h"

namespace zhiyin {

struct StoreOptions {
  VectorPrecision vectors = VectorPrecision::kHalf;  // of those written from now on; what is there stays as it is
};

struct ItemVector {
  ItemId item;
  StoredVector vector;
};

struct Cover {
  std::string content_type;  // "image/jpeg"
  std::string bytes;
};

// The pictures that stand for an item.
enum class Picture { kCover, kSmall, kPreview };

struct ItemPictures {
  std::optional<Cover> cover;
  std::optional<Cover> small;    // the cover, small enough for a list
  std::optional<Cover> preview;  // a few moving pictures
};

// A file that the scan could not use.
struct FileReport {
  std::string path;
  std::string reason;
  std::int64_t size = 0;  // bytes, and modification time in ns: a file that did not change is not tried again
  std::int64_t modified_ns = 0;
  std::string tried_with;  // ... unless the decoder or its limits are others than these
};

// What the scan knows of a file it has seen, so that an unchanged file costs one stat().
struct ScannedFile {
  std::string path;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::string content_hash;
  ItemId item;
};

// What text encoders read in an item's words.
struct ItemWords {
  ItemId item;
  std::vector<StoredVector> vectors;
  EncoderVersions read_by;  // every encoder that read it: one that gave no vector has none from now on
};

// Everything that one file gave.
struct Understood {
  Item item;
  ItemWords words;
  Perception perception;  // with all its vectors
  ItemPictures pictures;
  ScannedFile file;
};

class Store {
 public:
  virtual ~Store() = default;

  // A number that changes whenever another process has written to the catalogue.
  virtual Result<std::int64_t> version() const = 0;

  // --- Items. put adds or replaces whole items, all or none. The media part is kept as given.
  virtual Result<void> put_items(std::span<const Item> items) = 0;
  // Items, if any, and what was read in their words or in those of items that are there already, all or none.
  virtual Result<void> put_words(std::span<const Item> items, std::span<const ItemWords> words) = 0;
  virtual Result<std::optional<Item>> item(const ItemId& id) const = 0;
  virtual Result<void> erase_item(const ItemId& id) = 0;  // its vectors and cover too; unknown ids are not an error
  virtual Result<std::int64_t> count_items() const = 0;
  // Every item, in the order first added (a stable rank that survives updates).
  virtual Result<void> each_item(const std::function<void(Item&&)>& visit) const = 0;
  // At most `count` items whose id comes after this one, in the order of their ids (byte by byte).
  virtual Result<std::vector<Item>> items_after(const std::string& id, std::size_t count) const = 0;
  // Which encoders have seen or read an item (none: an unknown one), and each.
  virtual Result<EncoderVersions> understood_by(const ItemId& id) const = 0;
  virtual Result<void> each_understood(
      const std::function<void(const ItemId&, const EncoderVersions&)>& visit) const = 0;
  // The first item that was made of these bytes, whether or not a file with them is still there.
  virtual Result<std::optional<ItemId>> item_by_hash(const std::string& content_hash) const = 0;

  // --- Users.
  virtual Result<void> put_users(std::span<const User> users) = 0;
  virtual Result<std::optional<User>> user(const UserId& id) const = 0;
  virtual Result<void> erase_user(const UserId& id) = 0;
  virtual Result<std::int64_t> count_users() const = 0;
  virtual Result<void> each_user(const std::function<void(User&&)>& visit) const = 0;
  virtual Result<std::vector<User>> users_after(const std::string& id, std::size_t count) const = 0;

  // --- What was understood. put_understanding writes the item, its perception, its words' vectors and its pictures in
  // one transaction, together with the file it came from and instead of that file's report. Vectors of the encoders
  // that ran are replaced; those of others (imported ones) stay.
  virtual Result<void> put_understanding(const Understood& understanding) = 0;
  // Without its vectors; nothing of an item that came without a file.
  virtual Result<std::optional<Perception>> perception(const ItemId& id) const = 0;
  virtual Result<void> each_perception(const std::function<void(const ItemId&, Perception&&)>& visit) const = 0;
  virtual Result<void> put_vectors(std::span<const ItemVector> vectors) = 0;
  virtual Result<std::vector<StoredVector>> vectors(const ItemId& id) const = 0;
  virtual Result<void> each_vector(const std::function<void(const ItemId&, StoredVector&&)>& visit) const = 0;
  virtual Result<std::optional<Cover>> picture(const ItemId& id, Picture which) const = 0;
  Result<std::optional<Cover>> cover(const ItemId& id) const { return picture(id, Picture::kCover); }

  // --- Files.
  virtual Result<std::optional<ScannedFile>> file(const std::string& path) const = 0;
  // A file with these bytes that is not the one at `except_path`.
  virtual Result<std::optional<ScannedFile>> file_by_hash(const std::string& content_hash,
                                                          const std::string& except_path) const = 0;
  virtual Result<void> put_file(const ScannedFile& file) = 0;
  virtual Result<void> each_file(const std::function<void(ScannedFile&&)>& visit) const = 0;
  // The file `from` is now at `to.path`: its item follows, where it pointed at the old place or at none.
  virtual Result<void> move_file(const std::string& from, const ScannedFile& to) = 0;
  // Forgets a file that is no longer there. An item that has another file with the same bytes points at that one; else
  // it keeps everything but the path.
  virtual Result<void> erase_file(const std::string& path) = 0;
  virtual Result<void> put_report(const FileReport& report) = 0;  // replaces an older one of the same path
  virtual Result<void> erase_report(const std::string& path) = 0;
  virtual Result<std::vector<FileReport>> reports() const = 0;
};

}  // namespace zhiyin
