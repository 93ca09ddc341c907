#include "learn/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "app/cli/verbs_sdk.h"
#include "base/text.h"

namespace zhiyin {
namespace {

std::string words_of(const Run& run) {
  std::string text = fmt::format("{:<44} {:<14} {:8.2f} s", run.id, run.model, run.seconds);
  for (const auto& [name, value] : run.metrics) text += fmt::format("  {} {:.6g}", name, value);
  if (!run.error.empty()) return text + "  left out: " + run.error;
  for (const auto& [name, value] : run.params) text += fmt::format("  {}={:g}", name, value);
  return text;
}

Result<const Run*> find(const std::vector<Run>& runs, const std::string& id) {
  const auto found = std::ranges::find(runs, id, &Run::id);
  if (found != runs.end()) return &*found;
  std::vector<std::string> ids;
  for (const auto& run : runs) ids.push_back(run.id);
  return not_found(fmt::format("there is no run {}; the nearest is \"{}\"", id, nearest_name(id, ids)));
}

// Two columns of what has a name in either run; what differs is marked.
using Pairs = std::map<std::string, std::pair<std::optional<double>, std::optional<double>>>;

template <typename Values>
void put(const Values& values, bool second, Pairs& pairs) {
  for (const auto& [name, value] : values) {
    auto& [a, b] = pairs[std::string(name)];
    (second ? b : a) = value;
  }
}

std::string table_of(std::string_view heading, const Pairs& pairs) {
  const auto cell = [](const std::optional<double>& value) { return value ? fmt::format("{:.6g}", *value) : "-"; };
  std::string text = fmt::format("{}\n", heading);
  for (const auto& [name, values] : pairs) {
    text += fmt::format("  {} {:<22} {:>14} {:>14}\n", values.first == values.second ? ' ' : '*', name,
                        cell(values.first), cell(values.second));
  }
  return text;
}

std::string comparison(const Run& a, const Run& b) {
  Pairs params;
  put(a.params, false, params);
  put(b.params, true, params);
  Pairs metrics{{"seconds", {a.seconds, b.seconds}}};
  put(a.metrics, false, metrics);
  put(b.metrics, true, metrics);
  std::map<int, std::pair<std::optional<double>, std::optional<double>>> epochs;
  for (const auto& [epoch, loss] : a.curve) epochs[epoch].first = loss;
  for (const auto& [epoch, loss] : b.curve) epochs[epoch].second = loss;
  Pairs curve;
  for (const auto& [epoch, losses] : epochs) curve[fmt::format("epoch {:4}", epoch)] = losses;
  auto text = fmt::format("A {} ({})\nB {} ({})\n", a.id, a.model, b.id, b.model);
  text += table_of("parameters", params) + table_of("figures", metrics);
  if (!curve.empty()) text += table_of("loss", curve);
  text.pop_back();
  return text;
}

Result<void> run(const Globals& globals, const std::vector<std::string>& ids) {
  ZY_TRY(const auto runs, read_runs(globals.home));
  if (ids.empty()) {
    auto json = Json::array();
    std::string text;
    for (const auto& each : runs) {
      json.push(to_json(each));
      text += (text.empty() ? "" : "\n") + words_of(each);
    }
    globals.print(Json::object({{"runs", std::move(json)}}), text.empty() ? "no runs yet: `zhiyin train`" : text);
    return {};
  }
  ZY_TRY(const auto* a, find(runs, ids.front()));
  ZY_TRY(const auto* b, find(runs, ids.back()));
  globals.print(Json::object({{"a", to_json(*a)}, {"b", to_json(*b)}}), comparison(*a, *b));
  return {};
}

}  // namespace

void add_runs(CLI::App& app, Globals& globals) {
  auto ids = std::make_shared<std::vector<std::string>>();
  auto* verb = app.add_subcommand("runs", "the trainings of this home; or two of them side by side");
  verb->add_option("ids", *ids, "none: all are listed; two: what differs between them")->expected(0, 2);
  verb->callback([&globals, ids] {
    if (ids->size() == 1) throw CLI::ValidationError("ids", "give two runs to compare, or none");
    globals.run = [&globals, ids] { return run(globals, *ids); };
  });
}

}  // namespace zhiyin
