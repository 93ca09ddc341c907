// One table of a TOML file, read key by key: a value of the wrong type or out of range, and a key that nobody knows,
// are errors that say the line, the key and the fix. A plain view: the document must outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/toml.h"

namespace zhiyin {

class TomlTable {
 public:
  // path: where the table stands, dotted ("encoder.2"); name: what an error calls it ("[[encoder]] text.bert").
  TomlTable(const Toml& document, const Json& table, std::string path, std::string name)
      : document_(&document), table_(&table), path_(std::move(path)), name_(std::move(name)) {}

  [[nodiscard]] const Json& operator[](std::string_view key) const { return (*table_)[key]; }
  [[nodiscard]] bool has(std::string_view key) const { return table_->has(key); }

  // "line 12: [[encoder]] text.bert: pooling: what is wrong"; the table's own line where the key is not there.
  [[nodiscard]] Error error(std::string_view key, std::string_view what) const;

  // An error at the first key that is not in the list, with the nearest one that is.
  [[nodiscard]] Result<void> only(std::span<const std::string_view> known) const;

  // The value of a key, the fallback where it is absent.
  [[nodiscard]] Result<std::string> text(std::string_view key, std::string_view fallback) const;
  [[nodiscard]] Result<std::string> needed_text(std::string_view key, std::string_view why) const;
  [[nodiscard]] Result<bool> flag(std::string_view key, bool fallback) const;
  [[nodiscard]] Result<double> number(std::string_view key, double fallback, double low, double high) const;
  [[nodiscard]] Result<int> whole(std::string_view key, int fallback, int low, int high) const;
  // One of these words, as its place in the list.
  [[nodiscard]] Result<std::size_t> choice(std::string_view key, std::span<const std::string_view> words,
                                           std::size_t fallback) const;
  // A list of so many numbers.
  [[nodiscard]] Result<std::vector<float>> numbers(std::string_view key, std::vector<float> fallback) const;

  // The table that stands under the key, empty where it is absent; and each table of a list of them.
  [[nodiscard]] Result<TomlTable> table(std::string_view key) const;
  [[nodiscard]] Result<std::vector<TomlTable>> tables(std::string_view key) const;

 private:
  const Toml* document_;
  const Json* table_;
  std::string path_;
  std::string name_;
};

}  // namespace zhiyin
