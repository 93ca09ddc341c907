#include "learn/eval/leave_last.h"

#include <fmt/format.h>

#include "base/file.h"

namespace zhiyin {

Result<Sequences> read_sequences(const std::filesystem::path& dir) {
  ZY_TRY(const auto file, find_ratings(dir));
  Sequences data{.name = file.name};
  ZY_TRY(auto events, read_ratings(file, data.ids));
  const auto numbers = data.ids.items.sort();
  for (auto& event : events.events) event.item = numbers[event.item];
  data.sha256 = std::move(events.sha256);
  data.rows = rows_by_user(events.events, data.ids.users.size());
  return data;
}

HeldOut leave_last(const Sequences& data, std::size_t hidden) {
  std::vector<UserRow> shown(data.rows.size());
  std::vector<UserRow> asked(data.rows.size());
  for (std::size_t user = 0; user < data.rows.size(); ++user) {
    const auto& row = data.rows[user];
    if (row.size() <= hidden) continue;
    const auto cut = row.end() - static_cast<std::ptrdiff_t>(hidden);
    shown[user].assign(row.begin(), cut);
    asked[user].assign(cut, cut + 1);
  }
  HeldOut held;
  held.data = data.name;
  held.sha256 = sha256_hex(fmt::format("{}\nleave {} of the end\n", data.sha256, hidden));
  held.train = matrix_of(shown, data.items());
  held.test = cases_of(shown, asked);
  held.names = case_names(data.ids, asked);
  return held;
}

}  // namespace zhiyin
