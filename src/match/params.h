// What a model can be told: numbers by name.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zhiyin {

// A model's settings by name, e.g. {"factors": 128}; every model documents its own and refuses unknown ones.
using Params = std::map<std::string, double, std::less<>>;

// One setting of one model. `initial` is the default; tuning draws between low and high.
struct ParamRange {
  std::string_view name;
  double low;
  double high;
  bool log_scale;
  double initial;
};

// The defaults with `given` laid over them. Errors: a setting that the model does not have (the nearest name is given),
// a value that is not a number from zero to far beyond its range.
Result<Params> complete(std::string_view model, std::span<const ParamRange> settings, const Params& given);

}  // namespace zhiyin
