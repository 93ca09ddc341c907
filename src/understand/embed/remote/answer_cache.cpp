#include "understand/embed/remote/answer_cache.h"

#include <fmt/format.h>

#include <array>

#include "base/file.h"
#include "base/log.h"

namespace zhiyin {
namespace {

constexpr std::uint32_t kApplicationId = 0x7A796561;  // "zyea"
constexpr std::array<std::string_view, 1> kSchema = {
    "CREATE TABLE answer (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;",
};

}  // namespace

AnswerCache::AnswerCache(const std::filesystem::path& file) {
  std::error_code ignored;  // opening says what is wrong
  std::filesystem::create_directories(file.parent_path(), ignored);
  auto opened = sqlite::Database::open({.path = file, .application_id = kApplicationId, .schema = kSchema});
  if (opened.ok()) {
    database_ = std::move(opened).value();
  } else {
    give_up(opened.error());
  }
}

void AnswerCache::give_up(const Error& error) const {
  log_warning("the endpoint's answers are not kept: {}", error.message);
  database_ = nullptr;
}

// Lengths stand before the parts, so that no two questions run together.
std::string AnswerCache::key(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const auto part : parts) all += fmt::format("{}:{}", part.size(), part);
  return sha256_hex(all);
}

std::optional<std::string> AnswerCache::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  if (database_ == nullptr) return std::nullopt;
  auto found = read(key);
  if (found.ok()) return std::move(found).value();
  give_up(found.error());
  return std::nullopt;
}

void AnswerCache::keep(const std::string& key, std::string_view answer) {
  const std::lock_guard lock(mutex_);
  if (database_ == nullptr) return;
  if (auto written = write(key, answer); !written.ok()) give_up(written.error());
}

Result<std::optional<std::string>> AnswerCache::read(const std::string& key) const {
  ZY_TRY(auto query, database_->query("SELECT value FROM answer WHERE key = ?1"));
  query.bind(key);
  ZY_TRY(const bool found, query.step());
  if (!found) return std::optional<std::string>();
  const auto bytes = query.blob(0);
  return std::optional(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Result<void> AnswerCache::write(const std::string& key, std::string_view answer) {
  ZY_TRY(auto query, database_->query("INSERT OR REPLACE INTO answer (key, value) VALUES (?1, ?2)"));
  return query.bind(key, sqlite::Blob(reinterpret_cast<const std::byte*>(answer.data()), answer.size())).run();
}

}  // namespace zhiyin
