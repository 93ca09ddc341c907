#include <algorithm>
#include <array>
#include <charconv>

#include "app/bench/bench.h"
#include "base/measure/machine.h"

namespace zhiyin {

BenchParams::BenchParams(std::span<const BenchFlag> flags, int threads) : threads_(threads) {
  for (const auto& flag : flags) values_.emplace(flag.name, flag.initial);
}

std::size_t BenchParams::number(std::string_view name) const {
  const auto& value = text(name);
  std::size_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

std::span<const Bench> benches() {
  static const std::array all = {feed_bench(),   freshness_bench(), http_bench(), index_bench(),  ingest_bench(),
                                 memory_bench(), ready_bench(),     soak_bench(), torture_bench()};
  return all;
}

double percentile(std::vector<double>& values, double share) {
  const auto at = std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

Result<Json> run_bench(const Bench& bench, const BenchParams& params) {
  ZY_TRY(auto results, bench.run(params));
  auto given = Json::object();
  for (const auto& flag : bench.flags) {
    const std::string name(flag.name);
    given.set(name, flag.is_number() ? Json(params.number(name)) : Json(params.text(name)));
  }
  const auto machine = this_machine(params.threads());
  return Json::object({{"bench", bench.name},
                       {"params", std::move(given)},
                       {"machine", Json::object({{"cpu", machine.cpu},
                                                 {"cores", machine.cores},
                                                 {"threads", machine.threads},
                                                 {"openblas_coretype", machine.openblas_coretype}})},
                       {"results", std::move(results)}});
}

}  // namespace zhiyin
