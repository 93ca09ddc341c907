// What an endpoint answered before, by the content that was asked about: the same words are never paid for twice. One
// SQLite file, shared by all homes that use the cache of models.
//
// Thread-safe. A cache that cannot be opened, read or written is no cache: it finds nothing and keeps nothing, and says
// so once in the log.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/sqlite.h"

namespace zhiyin {

class AnswerCache {
 public:
  enum None { kNone };

  explicit AnswerCache(const std::filesystem::path& file);
  explicit AnswerCache(None) {}

  // The parts that make a question, in order: URL, model, words, ...
  static std::string key(std::initializer_list<std::string_view> parts);

  [[nodiscard]] std::optional<std::string> find(const std::string& key) const;
  void keep(const std::string& key, std::string_view answer);

 private:
  Result<std::optional<std::string>> read(const std::string& key) const;
  Result<void> write(const std::string& key, std::string_view answer);
  void give_up(const Error& error) const;

  mutable std::mutex mutex_;
  mutable std::unique_ptr<sqlite::Database> database_;  // guarded by mutex_; null: no cache
};

}  // namespace zhiyin
