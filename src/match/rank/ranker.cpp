#include "match/rank/ranker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "match/rank/dcn.h"
#include "match/rank/fm.h"

namespace zhiyin {

Result<std::unique_ptr<Ranker>> make_ranker(std::string_view name, const Params& given) {
  struct Entry {
    std::string_view name;
    std::span<const ParamRange> settings;
  };
  constexpr std::array<Entry, 3> kRankers = {
      {{"logistic", Fm::kLogisticRanges}, {"fm", Fm::kRanges}, {"dcn", Dcn::kRanges}}};
  const auto known = std::ranges::find(kRankers, name, &Entry::name);
  if (known == kRankers.end()) {
    std::vector<std::string_view> names;
    for (const auto& ranker : kRankers) names.push_back(ranker.name);
    return invalid(fmt::format("no ranking model is called {}; did you mean {}?", name, nearest_name(name, names)),
                   "models");
  }
  ZY_TRY(auto params, complete(name, known->settings, given));
  if (name == "dcn") return std::unique_ptr<Ranker>(std::make_unique<Dcn>(params));
  if (name == "logistic") params["factors"] = 0;
  return std::unique_ptr<Ranker>(std::make_unique<Fm>(known->name, params));
}

}  // namespace zhiyin
