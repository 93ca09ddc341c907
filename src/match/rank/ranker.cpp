#include "match/rank/ranker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "match/rank/dcn.h"
#include "match/rank/fm.h"

namespace zhiyin {

Result<std::unique_ptr<Ranker>> make_ranker(std::string_view name, const Params& given) {
  constexpr std::array<std::string_view, 3> kNames = {"logistic", "fm", "dcn"};
  const auto known = std::ranges::find(kNames, name);
  if (known == kNames.end())
    return invalid(fmt::format("no ranking model is called {}; did you mean {}?", name, nearest_name(name, kNames)),
                   "models");
  const auto ranges =
      name == "dcn" ? std::span<const ParamRange>(Dcn::kRanges) : std::span<const ParamRange>(Fm::kRanges);
  ZY_TRY(auto params, complete(name, ranges, given));
  if (name == "logistic") params["factors"] = 0;
  if (name == "dcn") return std::unique_ptr<Ranker>(std::make_unique<Dcn>(params));
  return std::unique_ptr<Ranker>(std::make_unique<Fm>(*known, params));
}

}  // namespace zhiyin
