#include "match/descent.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "match/early_stop.h"

namespace zhiyin {
namespace {

constexpr float kLargestGradient = 5;

// The values of all parameters, to come back to.
std::vector<nn::Matrix> copy_of(const nn::Parameters& all) {
  std::vector<nn::Matrix> values;
  for (const auto& each : all) values.push_back(each.parameter->value);
  return values;
}

}  // namespace

DescentOptions descent_options(const Params& params, int look_every) {
  const auto decay = params.find("decay");
  return {.epochs = std::max(1, static_cast<int>(params.at("epochs"))),
          .look_every = look_every,
          .patience = std::max(1, static_cast<int>(params.at("patience"))),
          .adam = {.rate = static_cast<float>(params.at("rate")),
                   .weight_decay = decay == params.end() ? 0 : static_cast<float>(decay->second),
                   .most_norm = kLargestGradient}};
}

Result<void> descend(std::string_view model, const nn::Parameters& parameters, const DescentOptions& options,
                     const TrainContext& context, const std::function<double(nn::Adam& adam)>& pass,
                     const std::function<double()>& quality) {
  nn::Adam adam(parameters, options.adam);
  EarlyStop stop(options.patience);
  std::vector<nn::Matrix> best;
  for (int epoch = 1; epoch <= options.epochs && !stop.over(); ++epoch) {
    const double loss = pass(adam);
    context.on_epoch(epoch, options.epochs, loss);
    if (!std::isfinite(loss)) return invalid(fmt::format("{}: the loss is not finite; lower the rate", model), "rate");
    if (!quality || (epoch % options.look_every != 0 && epoch != options.epochs)) continue;
    if (stop.best(-quality())) best = copy_of(parameters);
  }
  for (std::size_t k = 0; k < best.size(); ++k) parameters[k].parameter->value = std::move(best[k]);
  return {};
}

double step_through(std::vector<std::vector<ItemIndex>>& rows, std::size_t batch, Random& random, nn::Adam& adam,
                    const std::function<double(std::span<const std::vector<ItemIndex>> rows)>& step) {
  random.shuffle(std::span(rows));
  double loss = 0;
  double events = 0;
  for (std::size_t begin = 0; begin < rows.size(); begin += batch) {
    const auto some = std::span(rows).subspan(begin, std::min(batch, rows.size() - begin));
    double here = 0;
    for (const auto& row : some) here += static_cast<double>(row.size());
    loss += step(some) * here;
    events += here;
    adam.step();
  }
  return loss / events;
}

}  // namespace zhiyin
