#include "match/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "match/content_blend.h"
#include "match/content_kernel.h"
#include "match/content_knn.h"
#include "match/content_map.h"
#include "match/ease.h"
#include "match/ensemble.h"
#include "match/gru4rec.h"
#include "match/ials.h"
#include "match/itemknn.h"
#include "match/markov.h"
#include "match/mf.h"
#include "match/pop.h"
#include "match/random_model.h"
#include "match/rp3beta.h"
#include "match/sasrec.h"
#include "match/slist.h"
#include "match/spectral.h"
#include "match/userknn.h"

namespace zhiyin {
namespace {

struct Entry {
  std::string_view name;
  std::span<const ParamRange> ranges;         // those that tuning draws from
  std::span<const ParamRange> (*settings)();  // all that can be given
  std::unique_ptr<Model> (*make)(const Params&);
};

template <typename M>
std::span<const ParamRange> settings_of() {
  if constexpr (requires { M::settings(); })
    return M::settings();
  else
    return M::kRanges;
}

template <typename M>
constexpr Entry entry(std::string_view name) {
  return {name, M::kRanges, settings_of<M>,
          [](const Params& params) -> std::unique_ptr<Model> { return std::make_unique<M>(params); }};
}

// A setting may leave the range worth trying, but not by more than this: a slip of the keyboard must not fill the
// memory.
constexpr double kBeyondRange = 100;

constexpr Entry kModels[] = {
    entry<RandomModel>("random"),
    entry<Pop>("pop"),
    entry<UserKnn>("userknn"),
    entry<ItemKnn>("itemknn"),
    entry<Rp3Beta>("rp3beta"),
    entry<Ease>("ease"),
    entry<Ials>("ials"),
    entry<Spectral>("spectral"),
    entry<Mf>("mf"),
    entry<Markov>("markov"),
    entry<Slist>("slist"),
    entry<Gru4Rec>("gru4rec"),
    entry<SasRec>("sasrec"),
    entry<ContentKnn>("content_knn"),
    entry<ContentMap>("content_map"),
    entry<ContentKernel>("content_kernel"),
    entry<ContentBlend>("content_blend"),
    entry<Ensemble>("ensemble"),
};

const Entry* find(std::string_view name) {
  const auto* found = std::ranges::find(kModels, name, &Entry::name);
  return found == std::end(kModels) ? nullptr : found;
}

}  // namespace

std::vector<std::string_view> model_names() {
  std::vector<std::string_view> names;
  for (const auto& model : kModels) names.push_back(model.name);
  return names;
}

std::span<const ParamRange> param_ranges(std::string_view model) {
  const auto* found = find(model);
  return found == nullptr ? std::span<const ParamRange>{} : found->ranges;
}

Result<std::unique_ptr<Model>> make_model(std::string_view name, const Params& given) {
  const auto* model = find(name);
  if (model == nullptr)
    return invalid(fmt::format("no model is called {}; did you mean {}?", name, nearest_name(name, model_names())),
                   "models");
  Params params;
  std::vector<std::string_view> known;
  const auto settings = model->settings();
  for (const auto& range : settings) {
    params[std::string(range.name)] = range.initial;
    known.push_back(range.name);
  }
  for (const auto& [key, value] : given) {
    if (!params.contains(key)) {
      return invalid(fmt::format("{} has no setting called {}{}", name, key,
                                 known.empty() ? "" : "; did you mean " + nearest_name(key, known) + "?"),
                     key);
    }
    const auto most = kBeyondRange * std::ranges::find(settings, key, &ParamRange::name)->high;
    if (!(value >= 0 && value <= most))
      return invalid(fmt::format("{} of {} is {}: give a number from 0 to {}", key, name, value, most), key);
    params[key] = value;
  }
  return model->make(params);
}

Result<ModelParam> parse_model_param(std::string_view text) {
  const auto colon = text.find(':');
  const auto equals = text.find('=');
  ModelParam param;
  if (colon != std::string_view::npos && equals != std::string_view::npos && colon < equals) {
    const auto number = text.substr(equals + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), param.value);
    param.model = text.substr(0, colon);
    param.key = text.substr(colon + 1, equals - colon - 1);
    if (error == std::errc{} && end == number.data() + number.size() && !param.model.empty() && !param.key.empty())
      return param;
  }
  return invalid(fmt::format("\"{}\" is no setting: write MODEL:key=value, e.g. ials:factors=64", text), "params");
}

}  // namespace zhiyin
