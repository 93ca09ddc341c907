#include "understand/embed/text/word_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <ranges>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {

Result<TextColumn> TextColumn::from(const Tensors& file, std::string_view name) {
  constexpr std::array<std::size_t, 1> kAny = {0};
  TextColumn column;
  ZY_TRY(column.bytes_, file.get(fmt::format("{}.bytes", name), DType::kU8, kAny));
  ZY_TRY(column.end_tensor_, file.get(fmt::format("{}.ends", name), DType::kU32, kAny));
  const auto bytes = column.bytes_.as<std::uint8_t>();
  column.text_ = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  column.ends_ = column.end_tensor_.as<std::uint32_t>();
  const auto last = column.ends_.empty() ? 0 : column.ends_.back();
  if (!std::ranges::is_sorted(column.ends_) || last != bytes.size()) {
    return corrupt(fmt::format("\"{}\": the ends do not cut its {} bytes", name, bytes.size()));
  }
  return column;
}

void TextColumn::put(Tensors& file, const std::string& name, std::span<const std::string> texts) {
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint32_t> ends;
  for (const auto& text : texts) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    ends.push_back(static_cast<std::uint32_t>(bytes.size()));
  }
  const auto count = ends.size();
  const auto size = bytes.size();
  file.put(name + ".bytes", Tensor::adopt({size}, std::move(bytes)));
  file.put(name + ".ends", Tensor::adopt({count}, std::move(ends)));
}

Result<WordTable> WordTable::from(const Tensors& file, std::string_view name) {
  WordTable table;
  ZY_TRY(table.words_, TextColumn::from(file, name));
  return table;
}

std::optional<std::size_t> WordTable::find(std::string_view word) const {
  const auto all = std::views::iota(std::size_t{0}, size());
  const auto at = std::ranges::lower_bound(all, word, {}, [&](std::size_t i) { return words_[i]; });
  if (at == all.end() || words_[*at] != word) return std::nullopt;
  return *at;
}

void WordTable::prefixes_of(std::string_view text, std::size_t max_bytes, std::vector<Prefix>& found) const {
  found.clear();
  std::size_t first = 0;  // the words [first, last) begin with the text's first `length` bytes
  std::size_t last = size();
  std::size_t length = 0;
  while (length < std::min(text.size(), max_bytes)) {
    length += utf8_length(text[length]);
    if (length > text.size() || length > max_bytes) return;
    const auto prefix = text.substr(0, length);
    const auto start_of = [&](std::size_t i) { return words_[i].substr(0, length); };
    const auto within = std::views::iota(first, last);
    const auto begin = std::ranges::lower_bound(within, prefix, {}, start_of);
    const auto end = std::ranges::upper_bound(begin, within.end(), prefix, {}, start_of);
    if (begin == end) return;
    first = *begin;
    last = first + static_cast<std::size_t>(end - begin);
    if (words_[first].size() == length) found.push_back({length, first});
  }
}

}  // namespace zhiyin
