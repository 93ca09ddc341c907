#include "learn/eval/results_document.h"

#include <fmt/format.h>

#include <algorithm>

namespace zhiyin {
namespace {

// What would end a cell or start markup is escaped.
std::string cell_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += ' ';
      continue;
    }
    if (c == '|' || c == '*' || c == '_' || c == '<' || c == '`') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string cell(const Row& row, const std::string& key) {
  const auto value = std::ranges::find(row.metrics, key, &std::pair<std::string, double>::first);
  if (value == row.metrics.end()) return "";
  const auto interval = std::ranges::find(row.ci95, key, &std::pair<std::string, Interval>::first);
  if (interval == row.ci95.end()) return fmt::format("{:.4f}", value->second);
  return fmt::format("{:.4f} [{:.4f}, {:.4f}]", value->second, interval->second.low, interval->second.high);
}

std::string settings_of(const Row& row) {
  std::string text;
  for (const auto& [name, value] : row.params) text += fmt::format("{}{}={:g}", text.empty() ? "" : " ", name, value);
  return text;
}

std::string opening(const Evaluated& evaluated) {
  return fmt::format("\n## {}\n\n`{}`{} · {:.0f} s\n", evaluated.title, evaluated.command,
                     evaluated.needs.empty() ? "" : fmt::format(" · DIR holds {}", evaluated.needs), evaluated.seconds);
}

std::string block_text(const Table& table, const std::string& block) {
  std::vector<const Row*> rows;
  std::vector<std::string> keys;  // of all rows: encoders of one block may have figures of their own
  for (const auto& row : table.rows) {
    if (row.block != block) continue;
    rows.push_back(&row);
    for (const auto& [key, value] : row.metrics) {
      if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    }
  }
  auto text =
      fmt::format("\n### {}\n\n{} · split {}\n\n| model |", block, rows.front()->data, rows.front()->split_sha256);
  std::string line = "|---|";
  for (const auto& key : keys) {
    text += fmt::format(" {} |", cell_text(key));
    line += "--:|";
  }
  text += " train s | cpu s | peak MiB | settings |\n" + line + "--:|--:|--:|---|\n";
  for (const auto* row : rows) {
    text += fmt::format("| {} |", cell_text(row->model));
    for (const auto& key : keys) text += fmt::format(" {} |", cell(*row, key));
    text += fmt::format(" {:.2f} | {:.2f} | {:.0f} | {} |\n", row->train_s, row->cpu_s, row->peak_rss_mib,
                        cell_text(settings_of(*row)));
  }
  return text;
}

// One line a figure; those that name.low, name.high and name.p belong to stand in its line.
std::string results_text(const Table& table) {
  std::string text;
  const auto& results = table.results;
  for (std::size_t r = 0; r < results.size(); ++r) {
    const auto& [name, value] = results[r];
    text += fmt::format("| {} | {:.6g}", cell_text(name), value);
    const auto belongs = [&](std::size_t at, std::string_view ending) {
      return at < results.size() && results[at].first == name + std::string(ending);
    };
    if (belongs(r + 1, ".low") && belongs(r + 2, ".high")) {
      text += fmt::format(" [{:.4g}, {:.4g}]", results[r + 1].second, results[r + 2].second);
      r += 2;
      if (belongs(r + 1, ".p")) text += fmt::format(", p {:.3g}", results[++r].second);
    }
    text += " |\n";
  }
  return text;
}

}  // namespace

std::string results_heading(std::string_view version, std::string_view commit) {
  return fmt::format(
      "# Results\n\nWritten by `zhiyin evaluate all`: zhiyin {}, commit {}. Each table stands beside the command that "
      "prints it alone; DIR is a data root. In brackets: 95% intervals over users. Times are of the machine named.\n",
      version, commit);
}

std::string to_markdown(const Evaluated& evaluated, const Table& table) {
  auto text = opening(evaluated);
  text += fmt::format("\nSeed {} · {} · {} cores, {} threads · OPENBLAS\\_CORETYPE {}\n", table.seed, table.machine.cpu,
                      table.machine.cores, table.machine.threads, table.machine.openblas_coretype);
  std::vector<std::string> blocks;
  for (const auto& row : table.rows) {
    if (row.block.starts_with("fold-") || row.block.starts_with("seed-")) continue;
    if (std::ranges::find(blocks, row.block) == blocks.end()) blocks.push_back(row.block);
  }
  for (const auto& block : blocks) text += block_text(table, block);
  if (table.results.empty()) return text;
  text += "\n| result | |\n|---|--:|\n";
  text += results_text(table);
  return text;
}

std::string to_markdown(const Evaluated& evaluated, const Error& error) {
  return opening(evaluated) + fmt::format("\nNot computed: {}\n", cell_text(error.message));
}

}  // namespace zhiyin
