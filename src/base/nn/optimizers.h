// Steps down the gradients. Tables (Parameter::by_rows) are stepped lazily: only the rows that were touched, each with
// its own count of steps, as if the others had not been there. step() takes the gradients and clears them.
//
// The parameters must outlive the optimiser and keep their shapes.
#pragma once

#include "base/nn/parameters.h"

namespace zhiyin::nn {

struct AdamOptions {
  float rate = 1e-3F;
  float mean_decay = 0.9F;
  float square_decay = 0.999F;
  float epsilon = 1e-8F;
  float weight_decay = 0;  // decoupled; a step shrinks what it steps by rate * weight_decay
  float most_norm = 0;     // gradients of all together are scaled down to this length (0: as they are)
};

// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019).
class Adam {
 public:
  Adam(Parameters parameters, AdamOptions options);
  void step();
  void set_rate(float rate) { options_.rate = rate; }

 private:
  struct State {
    Matrix mean;
    Matrix square;
    std::vector<int> steps;  // by row
  };
  Parameters parameters_;
  AdamOptions options_;
  std::vector<State> states_;
};

struct AdagradOptions {
  float rate = 0.05F;
  float epsilon = 1e-8F;
};

// Adagrad (Duchi, Hazan and Singer 2011).
class Adagrad {
 public:
  Adagrad(Parameters parameters, AdagradOptions options);
  void step();

 private:
  Parameters parameters_;
  AdagradOptions options_;
  std::vector<Matrix> squares_;
};

// The Euclidean length of all gradients as one vector.
double gradient_norm(const Parameters& all);

}  // namespace zhiyin::nn
