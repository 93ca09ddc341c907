// The write path of one file.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/clock.h"
#include "base/file.h"
#include "feed/ingest/ingest.h"
#include "feed/ingest/words.h"

namespace zhiyin {
namespace {

std::optional<Cover> shown(EncodedPicture picture) {
  if (picture.bytes.empty()) return std::nullopt;
  return Cover{std::move(picture.type), std::move(picture.bytes)};
}

ItemPictures pictures_of(Decoded& decoded) {
  return {.cover = shown({std::move(decoded.cover), std::move(decoded.cover_type)}),
          .small = shown(std::move(decoded.small)),
          .preview = shown(std::move(decoded.preview))};
}

bool exists(const std::string& path) {
  std::error_code failed;
  return std::filesystem::exists(path, failed) && !failed;
}

}  // namespace

// Whose bytes a file holds.
struct Ingest::Known {
  ItemId item;                                 // the item that the file belongs to, there already or not
  bool same_bytes = false;                     // it was made of these bytes
  EncoderVersions understood_by;               // what has understood it
  std::optional<ItemId> same_bytes_elsewhere;  // another item that was
};

Result<FileResult> Ingest::file(const MediaFile& file, const std::stop_token& stop) {
  if (stop.stop_requested()) return FileResult{.outcome = FileOutcome::kStopped};
  ZY_TRY(const auto before, store_.file(file.path.string()));
  const bool untouched = before && before->size == file.size && before->modified_ns == file.modified_ns;
  auto hash = untouched ? Result(before->content_hash) : sha256_file(file.path);
  if (!hash.ok()) return refuse(file, hash.error());

  const ByteClaims::Claim claim(claims_, *hash);
  ZY_TRY(const auto known, look_up(file, *hash, before));
  if (before && before->item != known.item)
    ZY_CHECK_OK(store_.erase_file(before->path));  // its item points at the copy from now on
  const ScannedFile scanned{file.path.string(), file.size, file.modified_ns, *hash, known.item};
  const bool nothing_new = !senses_outdated(known.understood_by);
  if (known.same_bytes && nothing_new) return take_over(file, known, scanned);
  if (!known.same_bytes && known.same_bytes_elsewhere) return share(file, known, scanned);
  return analyse(file, known, scanned, stop);
}

// In this order: the item that the catalogue names for this file; the one that was made of these bytes, wherever they
// were; the one that this file was before its bytes changed, unless a copy of the old bytes carries it on; a new one.
Result<Ingest::Known> Ingest::look_up(const MediaFile& file, const std::string& content_hash,
                                      const std::optional<ScannedFile>& before) const {
  ZY_TRY(const auto same_bytes, store_.item_by_hash(content_hash));
  Known known;
  if (file.item) {
    known.item = *file.item;
  } else if (same_bytes) {
    known.item = *same_bytes;
  } else if (before) {
    ZY_TRY(const auto copy, store_.file_by_hash(before->content_hash, before->path));
    if (!copy || copy->item != before->item || !exists(copy->path)) known.item = before->item;
  }
  if (known.item.value.empty()) {
    // Sixteen digits are enough to tell a library's files apart, but an item keeps its id when its file is replaced:
    // the old bytes may come back.
    known.item = ItemId("m-" + content_hash.substr(0, 16));
    ZY_TRY(const auto taken, store_.item(known.item));
    if (taken && !taken->media.content_hash.empty() && taken->media.content_hash != content_hash)
      known.item = ItemId("m-" + content_hash);
  }
  ZY_TRY(const auto item, store_.item(known.item));
  known.same_bytes = item && item->media.content_hash == content_hash;
  if (known.same_bytes) {
    ZY_TRY(known.understood_by, store_.understood_by(known.item));
  }
  if (same_bytes && *same_bytes != known.item) known.same_bytes_elsewhere = same_bytes;
  return known;
}

// Bytes that are understood already: the item follows a file that moved, and knows its copies.
Result<FileResult> Ingest::take_over(const MediaFile& file, const Known& known, const ScannedFile& scanned) {
  ZY_TRY(const auto item, store_.item(known.item));
  const auto& place = item->media.path;
  if (place != scanned.path && (place.empty() || !exists(place))) {
    ZY_CHECK_OK(store_.move_file(place, scanned));
    return FileResult{.outcome = FileOutcome::kMoved};
  }
  ZY_CHECK_OK(store_.put_file(scanned));
  ZY_CHECK_OK(store_.erase_report(file.path.string()));
  return FileResult{.outcome = FileOutcome::kUnchanged};
}

// The catalogue has two items for the same bytes: what was understood of one holds for the other.
Result<FileResult> Ingest::share(const MediaFile& file, const Known& known, const ScannedFile& scanned) {
  const auto& from = *known.same_bytes_elsewhere;
  ZY_TRY(const auto twin, store_.item(from));
  ZY_TRY(auto perception, store_.perception(from));
  if (!twin || !perception)
    return not_found(fmt::format("item {} has lost what was understood of its file: scan again", from.value));
  ZY_TRY(perception->vectors, store_.vectors(from));
  const auto seen_by = versions_of(*perception);
  std::erase_if(perception->vectors, [&](const StoredVector& vector) { return !seen_by.contains(vector.encoder); });

  Understood understood;
  ZY_TRY(const auto item, store_.item(known.item));
  understood.item = item.value_or(Item{});
  understood.item.id = known.item;
  understood.item.media = twin->media;
  understood.item.media.path = scanned.path;
  if (understood.item.title.empty()) add_words_of_file(understood.item, file, {});
  FileResult result{.outcome = FileOutcome::kUnchanged};
  understood.words = read(understood.item, *perception, result.runs);
  understood.perception = std::move(*perception);
  ZY_TRY(understood.pictures.cover, store_.picture(from, Picture::kCover));
  ZY_TRY(understood.pictures.small, store_.picture(from, Picture::kSmall));
  ZY_TRY(understood.pictures.preview, store_.picture(from, Picture::kPreview));
  understood.file = scanned;
  ZY_CHECK_OK(store_.put_understanding(understood));
  return result;
}

Result<FileResult> Ingest::analyse(const MediaFile& file, const Known& known, const ScannedFile& scanned,
                                   const std::stop_token& stop) {
  const Stopwatch watch;
  auto decoded = decode(file.path, options_.decode, options_.worker, stop);
  if (!decoded.ok()) {
    if (stop.stop_requested()) return FileResult{.outcome = FileOutcome::kStopped};
    return refuse(file, decoded.error());
  }
  FileResult result{.outcome = known.same_bytes ? FileOutcome::kUpdated : FileOutcome::kAnalysed,
                    .decode_s = watch.seconds()};
  const auto asked = senses_not_in(known.understood_by);
  Perception stays;
  if (known.same_bytes) {
    ZY_TRY(stays, what_stays(known.item, asked));
  }
  const auto earlier_runs = static_cast<std::ptrdiff_t>(stays.runs.size());
  auto perception = perceive(asked, *decoded, std::move(stays));
  std::ranges::move(decoded->subtitles, std::back_inserter(perception.passages));
  const EncoderRun decoding{std::string(kDecoderName), kDecoderVersion, decoded->cpu_s, {}};
  result.runs.push_back(decoding);
  result.runs.insert(result.runs.end(), perception.runs.begin() + earlier_runs, perception.runs.end());
  perception.runs.insert(perception.runs.begin(), decoding);
  std::ranges::copy(encoders_.absent, std::back_inserter(perception.runs));
  add_keywords(perception);

  // Only now: decoding takes seconds, in which the owner may have changed the words.
  Understood understood;
  ZY_TRY(understood.item, with_media(file, known, scanned, *decoded, perception));
  understood.words = read(understood.item, perception, result.runs);
  understood.perception = std::move(perception);
  understood.pictures = pictures_of(*decoded);
  understood.file = scanned;
  ZY_CHECK_OK(store_.put_understanding(understood));
  return result;
}

// A system that failed says nothing about the file: such a one is tried again by every scan.
Result<FileResult> Ingest::refuse(const MediaFile& file, const Error& error) {
  auto tried_with = error.code == ErrorCode::kInternal ? std::string() : decoder_signature(options_.decode);
  ZY_CHECK_OK(
      store_.put_report({file.path.string(), error.message, file.size, file.modified_ns, std::move(tried_with)}));
  return FileResult{.outcome = FileOutcome::kRefused};
}

Result<Item> Ingest::with_media(const MediaFile& file, const Known& known, const ScannedFile& scanned,
                                const Decoded& decoded, const Perception& perception) const {
  ZY_TRY(const auto stored, store_.item(known.item));
  Item item = stored.value_or(Item{});
  item.id = known.item;
  if (!known.same_bytes) add_words_of_file(item, file, decoded.tags);
  item.media = {.kind = decoded.kind,
                .path = scanned.path,
                .content_hash = scanned.content_hash,
                .content_type = decoded.content_type,
                .duration_s = decoded.duration_s,
                .has_cover = !decoded.cover.empty(),
                .has_preview = !decoded.preview.bytes.empty(),
                .tags = sure_tags(perception.tags)};
  return item;
}

// What was found by encoders that are not asked again; those that are begin with it.
Result<Perception> Ingest::what_stays(const ItemId& id, std::span<const Sense* const> asked) const {
  ZY_TRY(auto stored, store_.perception(id));
  if (!stored) return Perception{};
  ZY_TRY(stored->vectors, store_.vectors(id));
  std::unordered_set<std::string_view> again{kDecoderName, KeywordFinder::kName};
  for (const auto* sense : asked) again.insert(sense->name());
  const auto seen_by = versions_of(*stored);
  const auto goes = [&](const auto& found) { return again.contains(found.encoder); };
  std::erase_if(stored->vectors,
                [&](const StoredVector& vector) { return goes(vector) || !seen_by.contains(vector.encoder); });
  std::erase_if(stored->tags, goes);
  std::erase_if(stored->passages, goes);
  for (const auto& run : stored->runs) {
    if (goes(run)) erase_facts_of(run, *stored);
  }
  std::erase_if(stored->runs, [&](const EncoderRun& run) { return goes(run) || run.version == 0; });
  return std::move(*stored);
}

// What is said and shown in the file, in a few of its own words.
void Ingest::add_keywords(Perception& perception) const {
  constexpr std::size_t kKeywords = 6;
  if (encoders_.keywords == nullptr) return;
  std::string text;
  for (const auto& passage : perception.passages) text += passage.text + ". ";
  if (!text.empty()) std::ranges::move(encoders_.keywords->tags(text, kKeywords), std::back_inserter(perception.tags));
}

// A text encoder that fails costs its vector, the item says so, and the next scan tries again.
ItemWords Ingest::read(const Item& item, Perception& perception, std::vector<EncoderRun>& runs) const {
  ItemWords words{item.id, {}, text_versions()};
  const auto text = words_of(item, perception.passages);
  for (const auto& encoder : encoders_.text) {
    const double before_s = thread_cpu_seconds();
    auto vector = encoder->encode_one(text);
    EncoderRun run{std::string(encoder->name()), encoder->version(), thread_cpu_seconds() - before_s, {}};
    if (!vector.ok()) {
      run.problem = vector.error().message;
      words.read_by.erase(run.encoder);
      perception.warnings.push_back(fmt::format("{}: {}", encoder->name(), run.problem));
    } else if (std::ranges::any_of(*vector, [](float x) { return x != 0; })) {
      words.vectors.push_back({std::string(encoder->name()), encoder->version(), std::move(*vector)});
    }
    runs.push_back(std::move(run));
  }
  return words;
}

}  // namespace zhiyin
