#include "base/counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <variant>

namespace zhiyin {
namespace {

using Metric = std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>>;

// All metrics of one name: they share help and type, and differ in their labels.
struct Family {
  std::string help;
  std::map<std::string, Metric> metrics;  // by written labels: `a="1",b="2"`
};

struct Registry {
  std::mutex mutex;
  std::map<std::string, Family, std::less<>> families;  // GUARDED_BY(mutex)
};

// Never destroyed: threads may count until the process ends.
Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

std::string written(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
  }
  return out;
}

bool is_metric_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, allowed);
}

template <typename T, typename Make>
T& find_or_make(std::string_view name, std::string_view help, const Labels& labels, const Make& make) {
  assert(is_metric_name(name));
  auto& all = registry();
  const std::lock_guard lock(all.mutex);
  auto& family = all.families[std::string(name)];
  if (family.help.empty()) family.help = help;
  const auto [found, added] = family.metrics.try_emplace(written(labels));
  if (added) found->second = make();
  const auto* metric = std::get_if<std::unique_ptr<T>>(&found->second);
  assert(metric != nullptr && "one name, one type");
  return **metric;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

void write_sample(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                  std::string_view value) {
  out += name;
  out += suffix;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  out += value;
  out += '\n';
}

std::string_view type_of(const Metric& metric) {
  constexpr std::array<std::string_view, 3> kTypes = {"counter", "gauge", "histogram"};
  return kTypes[metric.index()];
}

void write_histogram(std::string& out, std::string_view name, std::string_view labels, const Histogram& histogram) {
  const auto counts = histogram.counts();
  std::int64_t cumulative = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    cumulative += counts[i];
    const auto bound = i < histogram.bounds().size() ? number(histogram.bounds()[i]) : "+Inf";
    write_sample(out, name, "_bucket", fmt::format("{}{}le=\"{}\"", labels, labels.empty() ? "" : ",", bound),
                 fmt::to_string(cumulative));
  }
  write_sample(out, name, "_sum", labels, number(histogram.sum()));
  write_sample(out, name, "_count", labels, fmt::to_string(cumulative));
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), counts_(bounds.size() + 1) {
  assert(std::ranges::is_sorted(bounds));
}

void Histogram::observe(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::int64_t> Histogram::counts() const {
  std::vector<std::int64_t> counts;
  for (const auto& count : counts_) counts.push_back(count.load(std::memory_order_relaxed));
  return counts;
}

std::span<const double> latency_bounds() {
  static constexpr std::array<double, 17> kBounds = {50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3,
                                                     50e-3, 0.1,    0.2,    0.5,    1,    2,    5,    10};
  return kBounds;
}

Counter& counter(std::string_view name, std::string_view help, const Labels& labels) {
  return find_or_make<Counter>(name, help, labels, [] { return std::make_unique<Counter>(); });
}
Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels) {
  return find_or_make<Gauge>(name, help, labels, [] { return std::make_unique<Gauge>(); });
}
Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels,
                     std::span<const double> bounds) {
  return find_or_make<Histogram>(name, help, labels, [&] { return std::make_unique<Histogram>(bounds); });
}

std::string metrics_text() {
  std::string out;
  auto& all = registry();
  const std::lock_guard lock(all.mutex);
  for (const auto& [name, family] : all.families) {
    out += fmt::format("# HELP {} ", name);
    append_escaped(out, family.help, false);
    out += fmt::format("\n# TYPE {} {}\n", name, type_of(family.metrics.begin()->second));
    for (const auto& [labels, metric] : family.metrics) {
      if (const auto* counted = std::get_if<std::unique_ptr<Counter>>(&metric)) {
        write_sample(out, name, "", labels, fmt::to_string((*counted)->value()));
      } else if (const auto* measured = std::get_if<std::unique_ptr<Gauge>>(&metric)) {
        write_sample(out, name, "", labels, number((*measured)->value()));
      } else {
        write_histogram(out, name, labels, *std::get<std::unique_ptr<Histogram>>(metric));
      }
    }
  }
  return out;
}

}  // namespace zhiyin
