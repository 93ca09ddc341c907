// The matching models by name, and the range in which each of their settings is worth trying.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "match/model.h"

namespace zhiyin {

// Errors: an unknown model or setting (the nearest name is given), a value that is not a number from zero to far
// beyond its range.
Result<std::unique_ptr<Model>> make_model(std::string_view name, const Params& params);

std::vector<std::string_view> model_names();

// Those that tuning may draw. Empty for an unknown model.
std::span<const ParamRange> param_ranges(std::string_view model);

// "ials:factors=64".
struct ModelParam {
  std::string model;
  std::string key;
  double value = 0;
};
Result<ModelParam> parse_model_param(std::string_view text);

}  // namespace zhiyin
