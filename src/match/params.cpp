#include "match/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace zhiyin {
namespace {

// A setting may leave the range worth trying, but not by more than this: a slip of the keyboard must not fill the
// memory.
constexpr double kBeyondRange = 100;

}  // namespace

Result<Params> complete(std::string_view model, std::span<const ParamRange> settings, const Params& given) {
  Params params;
  std::vector<std::string_view> known;
  for (const auto& range : settings) {
    params[std::string(range.name)] = range.initial;
    known.push_back(range.name);
  }
  for (const auto& [key, value] : given) {
    const auto range = std::ranges::find(settings, key, &ParamRange::name);
    if (range == settings.end()) {
      return invalid(fmt::format("{} has no setting called {}{}", model, key,
                                 known.empty() ? "" : "; did you mean " + nearest_name(key, known) + "?"),
                     key);
    }
    const auto most = kBeyondRange * range->high;
    if (!(value >= 0 && value <= most))
      return invalid(fmt::format("{} of {} is {}: give a number from 0 to {}", key, model, value, most), key);
    params[key] = value;
  }
  return params;
}

}  // namespace zhiyin
