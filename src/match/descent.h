// The epochs of a model that is learned by gradient: Adam steps, looks at what was kept out, the best state in the end.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/nn/optimizers.h"
#include "base/random.h"
#include "match/model.h"

namespace zhiyin {

struct DescentOptions {
  int epochs = 1;
  int look_every = 1;  // epochs
  int patience = 1;    // looks without a better one
  nn::AdamOptions adam;
};

// The settings called epochs, rate, patience and, where there is one, decay.
DescentOptions descent_options(const Params& params, int look_every);

// pass(adam): one epoch, which takes its steps with adam.step() and returns its mean loss. quality(): of what was kept
// out, higher is better; empty where nothing was, then the last state stays. Error kInvalid where the loss is not
// finite, by `model`'s name.
Result<void> descend(std::string_view model, const nn::Parameters& parameters, const DescentOptions& options,
                     const TrainContext& context, const std::function<double(nn::Adam& adam)>& pass,
                     const std::function<double()>& quality);

// One such epoch over rows of items in a new order, `batch` of them a step. step(rows) returns the mean loss of their
// items; given back is that of all.
double step_through(std::vector<std::vector<ItemIndex>>& rows, std::size_t batch, Random& random, nn::Adam& adam,
                    const std::function<double(std::span<const std::vector<ItemIndex>> rows)>& step);

}  // namespace zhiyin
