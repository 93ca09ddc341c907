// Import: other people's files -> items and events. One file a format, each a function from a path to what it says;
// then one way into the store and the log.
//
// A row at fault is reported with file, line, field and the fix. Nothing is written unless every row is good, or the
// caller asks for the bad ones to be left out. An item that one import describes twice is kept as the later row has it,
// and reported. Importing the same file again changes nothing: events get an id from
// their content, so that the log knows them as duplicates.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "domain/item.h"
#include "domain/user.h"
#include "feed/ingest/gorse_feedback.h"
#include "feed/ingest/ingest.h"

namespace zhiyin {

struct BadRow {
  std::string file;
  std::size_t line = 0;
  Error error;
};

// "file:line: what is wrong", and the error that names the first of many.
std::string describe(const BadRow& row);
Error refusal_of(const std::vector<BadRow>& bad);

// An item that a later row of the same import describes again: the later row wins.
struct RepeatedItem {
  ItemId id;
  std::string file;
  std::size_t line = 0;        // of the later row
  std::size_t first_line = 0;  // of the row it replaces
};

struct Imported {
  std::vector<User> users;
  std::vector<Item> items;  // each id once: filled by add_item
  std::vector<Event> events;
  std::vector<BadRow> bad;
  std::vector<RepeatedItem> repeated;

  // In the place of the item of the same id, if an earlier row gave one.
  void add_item(Item item, const std::string& file, std::size_t line);

 private:
  struct Place {
    std::size_t index;
    std::size_t line;
  };
  std::unordered_map<ItemId, Place> places_;
};

// MovieLens: a folder (u.data and u.item of 100K; movies.csv and ratings.csv of the later sets), or one ratings.csv
// with movieId,title,year,genres,userId,rating,timestamp. Files may be gzipped.
Result<Imported> read_movielens(const std::filesystem::path& path);

// Last.fm of HetRec 2011 (Cantador et al.): the folder with user_artists.dat (an artist that somebody listened to is a
// like, all of one time, for none is known) and artists.dat; with tags.dat and user_taggedartists.dat an artist
// has the tags that most listeners gave it. Files may be gzipped.
Result<Imported> read_lastfm(const std::filesystem::path& path);

// Comma-separated, the header naming fields of an event (it has `user`, `item` and `type`) or of an item (it has `id`).
// tags are separated by |.
Result<Imported> read_csv(const std::filesystem::path& path, UnixSeconds now);

// One JSON object a line: an event if it has `type` and `user`, else an item.
Result<Imported> read_jsonl(const std::filesystem::path& path, UnixSeconds now);

// user<TAB>item[<TAB>value[<TAB>unix_time]]: likes. Without a time the order of lines is the order in time.
Result<Imported> read_pairs(const std::filesystem::path& path);

// RecBole's atomic files: a .inter (user_id, item_id, rating where there is one, timestamp), or a folder of them. Rows
// with a rating are ratings, others likes; without a timestamp the order of lines is the order in time. Titles and tags
// come from a .item of the same name beside it; a .user file is not read: events are all that is kept of users.
Result<Imported> read_recbole(const std::filesystem::path& path);

// KuaiRand (Gao et al. 2022): a log_*.csv, or the folder (or its data/) with log_standard_*.csv and, if they are there,
// video_features_basic_*.csv (author and tags). A row becomes a view with the share that was played (at most 1; an
// impression if nothing was), and an event for each of is_click, is_like, is_follow, is_comment, is_forward and is_hate.
Result<Imported> read_kuairand(const std::filesystem::path& path);

// MicroLens (Ni et al. 2023): MicroLens-*_pairs.csv (user, item, timestamp: likes), or the folder with it, which may
// have MicroLens*_titles.csv (item, title) and MicroLens*_comments.csv (user, item, comment; the header names them).
Result<Imported> read_microlens(const std::filesystem::path& path);

// Gorse: its binary dump, a file of JSON lines, or a folder with users.jsonl, items.jsonl and feedback.jsonl (some of
// them; may be gzipped). `rules` say what types of feedback mean; without them, the defaults.
Result<Imported> read_gorse(const std::filesystem::path& path, UnixSeconds now, const gorse::FeedbackRules& rules);
Result<Imported> read_gorse(const std::filesystem::path& path, UnixSeconds now);

// The formats by name, in the order to be told in.
std::vector<std::string> import_formats();

// By the format's name; an unknown one is an error that names those there are.
Result<Imported> read_import(std::string_view format, const std::filesystem::path& path, UnixSeconds now);

struct ImportReport {
  std::int64_t users = 0;  // those that came with a profile
  std::int64_t items = 0;
  std::int64_t events = 0;
  std::int64_t duplicates = 0;
  std::int64_t left_out = 0;        // bad rows
  std::int64_t repeated_items = 0;  // rows that a later row of the same item replaced
};

// Writes all of it, with a progress bar. `keep_going` leaves bad rows out (and logs them) instead of refusing the file.
// Items that only events name are added with their id as title.
Result<ImportReport> import_all(Imported imported, Ingest& ingest, const Store& store, bool keep_going);

}  // namespace zhiyin
