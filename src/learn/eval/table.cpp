#include "learn/eval/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace zhiyin {
namespace {

// Whole numbers without a decimal point: {"factors": 128}, not 128.0.
Json number(double value) {
  const bool whole = std::floor(value) == value && std::abs(value) < 0x1p53;
  return whole ? Json(static_cast<long long>(value)) : Json(value);
}

Json to_json(const Row& row) {
  Json params = Json::object();
  for (const auto& [name, value] : row.params) params.set(name, number(value));
  Json metrics = Json::object();
  for (const auto& [key, value] : row.metrics) metrics.set(key, value);
  Json ci95 = Json::object();
  for (const auto& [key, interval] : row.ci95) ci95.set(key, Json::array({interval.low, interval.high}));
  return Json::object({{"block", row.block},
                       {"data", row.data},
                       {"split_sha256", row.split_sha256},
                       {"model", row.model},
                       {"params", params},
                       {"metrics", metrics},
                       {"ci95", ci95},
                       {"train_s", row.train_s},
                       {"cpu_s", row.cpu_s},
                       {"peak_rss_mib", row.peak_rss_mib}});
}

// "0.4123 ±.0101": half the interval's width, which is near enough to symmetric to be read at a glance.
std::string cell(const Row& row, const std::string& key, double value) {
  const auto interval = std::ranges::find(row.ci95, key, &std::pair<std::string, Interval>::first);
  if (interval == row.ci95.end()) return fmt::format("{:.4f}", value);
  return fmt::format("{:.4f} ±{:.4f}", value, (interval->second.high - interval->second.low) / 2);
}

// Columns that show, not bytes: "±" is two bytes and one column.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

using Cells = std::vector<std::vector<std::string>>;

// First column to the left, others to the right.
std::string aligned(const Cells& lines) {
  std::vector<std::size_t> widths(lines.front().size(), 0);
  for (const auto& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], width_of(line[c]));
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c) {
      const std::string padding(widths[c] - width_of(line[c]), ' ');
      text += c == 0 ? "  " + line[c] + padding : "  " + padding + line[c];
    }
    text += '\n';
  }
  return text;
}

}  // namespace

Json to_json(const Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) rows.push(to_json(row));
  Json results = Json::object();
  for (const auto& [name, value] : table.results) results.set(name, number(value));
  return Json::object({{"table", table.name},
                       {"seed", Json(static_cast<long long>(table.seed))},
                       {"machine", Json::object({{"cpu", table.machine.cpu},
                                                 {"cores", table.machine.cores},
                                                 {"threads", table.machine.threads},
                                                 {"openblas_coretype", table.machine.openblas_coretype}})},
                       {"rows", rows},
                       {"results", results}});
}

std::string to_text(const Table& table) {
  auto text = fmt::format("{} · seed {} · {} · {} threads · OPENBLAS_CORETYPE {}\n", table.name, table.seed,
                          table.machine.cpu, table.machine.threads, table.machine.openblas_coretype);
  std::vector<std::string> blocks;
  for (const auto& row : table.rows) {
    if (!row.block.starts_with("fold-") && std::ranges::find(blocks, row.block) == blocks.end())
      blocks.push_back(row.block);
  }
  for (const auto& block : blocks) {
    Cells lines;
    std::string heading;
    for (const auto& row : table.rows) {
      if (row.block != block) continue;
      if (lines.empty()) {
        heading = fmt::format("\n{} · {} · split {}\n", block, row.data, row.split_sha256.substr(0, 12));
        auto& names = lines.emplace_back(1, "model");
        for (const auto& [key, value] : row.metrics) names.push_back(key);
        for (const auto* name : {"train s", "cpu s", "peak MiB"}) names.emplace_back(name);
      }
      auto& cells = lines.emplace_back(1, row.model);
      for (const auto& [key, value] : row.metrics) cells.push_back(cell(row, key, value));
      cells.push_back(fmt::format("{:.2f}", row.train_s));
      cells.push_back(fmt::format("{:.2f}", row.cpu_s));
      cells.push_back(fmt::format("{:.0f}", row.peak_rss_mib));
    }
    text += heading + aligned(lines);
  }
  return text;
}

void add_differences(Table& table, const std::string& prefix, const std::string& model, const std::string& reference,
                     std::span<const MetricKey> metrics, const std::vector<std::vector<double>>& of_model,
                     const std::vector<std::vector<double>>& of_reference) {
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    if (!metrics[m].per_user()) continue;
    const auto difference = paired_difference(of_model[m], of_reference[m], table.seed);
    const auto name = fmt::format("{}difference.{}-{}.{}", prefix, model, reference, metrics[m].text());
    table.results.emplace_back(name, difference.mean);
    table.results.emplace_back(name + ".low", difference.interval.low);
    table.results.emplace_back(name + ".high", difference.interval.high);
    table.results.emplace_back(name + ".p", difference.p);
  }
}

}  // namespace zhiyin
