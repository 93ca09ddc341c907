// The write path.
#include "feed/ingest/ingest.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "feed/ingest/words.h"

namespace zhiyin {
namespace {

std::optional<Cover> cover_of(Decoded& decoded) {
  if (decoded.cover.empty()) return std::nullopt;
  return Cover{std::move(decoded.cover_type), std::move(decoded.cover)};
}

}  // namespace

Ingest::Ingest(Store& store, EventLog& log, Live* live, const Encoders& encoders, IngestOptions options)
    : store_(store), log_(log), live_(live), encoders_(encoders), options_(std::move(options)) {}

Result<FileOutcome> Ingest::file(const MediaFile& file) {
  const auto path = file.path.string();
  ZY_TRY(const auto known, store_.file(path));
  if (known && known->size == file.size && known->modified_ns == file.modified_ns) return FileOutcome::kUnchanged;
  const auto refuse = [&](const Error& error) -> Result<FileOutcome> {
    ZY_CHECK_OK(store_.put_report({path, error.message, file.size, file.modified_ns}));
    return FileOutcome::kRefused;
  };

  auto hash = sha256_file(file.path);
  if (!hash.ok()) return refuse(hash.error());
  ScannedFile scanned{path, file.size, file.modified_ns, *hash, {}};
  ZY_TRY(const auto same_bytes, store_.file_by_hash(*hash));
  if (same_bytes && !file.item) {  // moved, or a copy: the item is known already
    scanned.item = same_bytes->item;
    ZY_CHECK_OK(store_.put_file(scanned));
    return FileOutcome::kUnchanged;
  }

  auto decoded = decode(file.path, options_.decode, options_.worker);
  if (!decoded.ok()) return refuse(decoded.error());
  ZY_TRY(auto item, item_for(file, *hash, *decoded));
  auto perception = perceive(encoders_.senses, *decoded);
  ZY_TRY(auto words, encode_text(encoders_.text, text_of(item)));
  std::ranges::move(words, std::back_inserter(perception.vectors));
  scanned.item = item.id;
  ZY_CHECK_OK(store_.put_understanding(item, perception, cover_of(*decoded), scanned));
  ZY_CHECK_OK(store_.erase_report(path));
  return FileOutcome::kAnalysed;
}

Result<void> Ingest::items(std::span<const Item> items) {
  ZY_CHECK_OK(store_.put_items(items));
  ZY_TRY(const auto vectors, encode_words(items));
  return store_.put_vectors(vectors);
}

Result<Appended> Ingest::events(std::span<const Event> events) {
  ZY_TRY(auto appended, log_.append(events));
  for (std::size_t i = 0; live_ != nullptr && i < events.size(); ++i) {
    if (!appended.duplicate[i]) live_->apply(events[i]);
  }
  return appended;
}

// All items at a time, because the encoders are several times cheaper in batches.
Result<std::vector<ItemVector>> Ingest::encode_words(std::span<const Item> items) const {
  std::vector<std::string> texts;
  texts.reserve(items.size());
  std::ranges::transform(items, std::back_inserter(texts), text_of);
  std::vector<ItemVector> vectors;
  for (const auto& encoder : encoders_.text) {
    ZY_TRY(const auto rows, encoder->encode(texts));
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto row = std::span(rows).subspan(i * encoder->dim(), encoder->dim());
      if (std::ranges::all_of(row, [](float x) { return x == 0; })) continue;
      vectors.push_back({items[i].id, {std::string(encoder->name()), encoder->version(), {row.begin(), row.end()}}});
    }
  }
  return vectors;
}

// The item that the catalogue names for this file, else the one the file had before, else a new one by its content.
Result<Item> Ingest::item_for(const MediaFile& file, const std::string& content_hash, const Decoded& decoded) const {
  ZY_TRY(const auto before, store_.file(file.path.string()));
  const auto id = file.item ? *file.item : before ? before->item : ItemId("m-" + content_hash.substr(0, 16));
  ZY_TRY(const auto known, store_.item(id));
  Item item = known.value_or(Item{});
  item.id = id;
  add_words_of_file(item, file, decoded.tags);
  item.media = {decoded.kind,         file.path.string(),  content_hash,
                decoded.content_type, decoded.duration_s, !decoded.cover.empty()};
  return item;
}

}  // namespace zhiyin
