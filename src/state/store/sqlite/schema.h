// Tables of catalogue.db. A version is never edited once released: a change is a new step at the end.
#pragma once

#include <array>
#include <string_view>

namespace zhiyin {

// `rank` is the order in which items (or users) were first added; AUTOINCREMENT never gives one twice. tags is a JSON
// array, attributes and perceptions.data JSON objects (attributes may be NULL). A vector's `data` is what
// pack_vector (base/kernels/compact.h) makes: float32, half precision or eight bits, rows of each side by side.
// files.item holds the public id. items.understood_by is the text of EncoderVersions; pictures.size is
// 'small' or 'preview' (the cover itself is in covers); media_tags a JSON array.
inline constexpr std::array<std::string_view, 4> kCatalogueSchema = {R"sql(
  CREATE TABLE items(
    rank INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    tags TEXT NOT NULL,
    creator TEXT NOT NULL,
    url TEXT NOT NULL,
    time INTEGER,
    hidden INTEGER NOT NULL,
    attributes TEXT,
    media_kind TEXT NOT NULL,
    media_path TEXT NOT NULL,
    media_hash TEXT NOT NULL,
    media_type TEXT NOT NULL,
    duration_s REAL NOT NULL,
    has_cover INTEGER NOT NULL);
  CREATE TABLE users(
    rank INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    attributes TEXT);
  CREATE TABLE vectors(
    item INTEGER NOT NULL REFERENCES items(rank) ON DELETE CASCADE,
    encoder TEXT NOT NULL,
    version INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE(item, encoder));
  CREATE TABLE covers(
    item INTEGER PRIMARY KEY REFERENCES items(rank) ON DELETE CASCADE,
    content_type TEXT NOT NULL,
    bytes BLOB NOT NULL);
  CREATE TABLE files(
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    item TEXT NOT NULL);
  CREATE INDEX files_content_hash ON files(content_hash);
  CREATE INDEX files_item ON files(item);
  CREATE TABLE reports(
    path TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL);
)sql",
                                                                     R"sql(
  CREATE TABLE perceptions(
    item INTEGER PRIMARY KEY REFERENCES items(rank) ON DELETE CASCADE,
    data TEXT NOT NULL);
)sql",
                                                                     R"sql(
  ALTER TABLE items ADD COLUMN has_preview INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE items ADD COLUMN media_tags TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE items ADD COLUMN understood_by TEXT NOT NULL DEFAULT '';
  CREATE INDEX items_media_hash ON items(media_hash) WHERE media_hash <> '';
  CREATE TABLE pictures(
    item INTEGER NOT NULL REFERENCES items(rank) ON DELETE CASCADE,
    size TEXT NOT NULL,
    content_type TEXT NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE(item, size));
  ALTER TABLE reports ADD COLUMN tried_with TEXT NOT NULL DEFAULT '';
)sql",
                                                                     R"sql(
  -- vectors.data may be of other kinds than float32 from here on: earlier programs cannot read it.
)sql"};

}  // namespace zhiyin
