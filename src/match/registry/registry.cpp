#include "match/registry/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "match/content/content_blend.h"
#include "match/content/content_kernel.h"
#include "match/content/content_knn.h"
#include "match/content/content_map.h"
#include "match/content/hybrid.h"
#include "match/content/served_tower.h"
#include "match/content/two_tower.h"
#include "match/factors/ials.h"
#include "match/factors/mf.h"
#include "match/factors/neumf.h"
#include "match/factors/sgd_factors.h"
#include "match/linear/ease.h"
#include "match/linear/itemknn.h"
#include "match/linear/markov.h"
#include "match/linear/rp3beta.h"
#include "match/linear/slist.h"
#include "match/linear/spectral.h"
#include "match/linear/userknn.h"
#include "match/pop.h"
#include "match/random_model.h"
#include "match/registry/ensemble.h"
#include "match/sequence/gru4rec.h"
#include "match/sequence/sasrec.h"

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
    entry<Bpr>("bpr"),
    entry<LogisticMf>("logistic_mf"),
    entry<SoftmaxFactors>("softmax"),
    entry<NeuMf>("neumf"),
    entry<Markov>("markov"),
    entry<Slist>("slist"),
    entry<Gru4Rec>("gru4rec"),
    entry<SasRec>("sasrec"),
    entry<ContentKnn>("content_knn"),
    entry<ContentMap>("content_map"),
    entry<ContentKernel>("content_kernel"),
    entry<ContentBlend>("content_blend"),
    entry<Hybrid>("hybrid"),
    entry<TwoTower>("two_tower"),
    entry<ServedTower>("tower"),
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
  ZY_TRY(const auto params, complete(name, model->settings(), given));
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
