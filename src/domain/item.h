// An item: a video, track, course, stream or ad, with what its owner says of it and what was understood from its file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "domain/ids.h"

namespace zhiyin {

enum class MediaKind { kNone, kAudio, kVideo, kImage };

std::string_view to_string(MediaKind kind);
MediaKind media_kind_from(std::string_view text);  // kNone for anything unknown

// The file behind an item, as the probe and the encoders saw it.
struct Media {
  MediaKind kind = MediaKind::kNone;
  std::string path;          // absolute, on the machine that scanned; empty while the file is gone
  std::string content_hash;  // SHA-256 of the bytes: the same bytes are never analysed twice
  std::string content_type;  // "video/mp4"
  double duration_s = 0;
  bool has_cover = false;         // a picture is stored for it (key frame or embedded art)
  bool has_preview = false;       // and a short moving one
  std::vector<std::string> tags;  // what encoders saw and heard, the surest first: never mixed with the owner's tags

  // The file was there once: what was understood of it, and what people did with the item, is kept until it returns.
  [[nodiscard]] bool gone() const { return kind != MediaKind::kNone && path.empty(); }
};

struct Item {
  ItemId id;
  std::string title;
  std::string text;               // description
  std::vector<std::string> tags;  // genres, labels, moods, in the owner's words
  std::string creator;            // artist, channel, teacher
  std::string url;
  std::optional<UnixSeconds> time;  // when it was published
  bool hidden = false;              // known but never recommended
  Json attributes;                  // anything else the owner gave: an object, or null
  Media media;

  // Whether answers may show it: neither hidden by its owner nor without its file.
  [[nodiscard]] bool shown() const { return !hidden && !media.gone(); }
};

// {"id","title","text","tags","creator","url","time","hidden","attributes"} both ways. from_json checks every field and
// ignores none: an unknown field is an error that names the nearest known one. Limits in bytes: title and creator
// 1,000, text 100,000, url 4,096, attributes 65,536 as JSON; 256 tags of 256. `time` may be negative (published before
// 1970).
Json to_json(const Item& item);
Result<Item> item_from_json(const Json& json);

// The same words with the fields that the JSON names laid over what was known (PATCH): each is replaced
// whole, null empties it. An id, if given, must be the item's.
Result<Item> patched(Item item, const Json& json);

}  // namespace zhiyin
