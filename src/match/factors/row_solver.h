// How a half epoch of alternating least squares brings a row nearer to its solution, the other side held.
//
//   conjugate gradients   a few preconditioned steps over all coordinates; n d a step
//   Cholesky              the exact solution; n d^2 + d^3 / 3, or n^2 d + n^3 / 3 where n < d
//   blocks                iALS++ (Rendle, Krichene, Zhang, Koren 2021b): coordinate blocks of b one after the other,
//                         each solved exactly with the rest of the row held; n d b + d b^2 / 3
//
// n observations, d factors. In the eigenbasis that ItemFactors keeps, what comes of the unobserved pairs is a diagonal
// D. So with S = W^1/2 Z D^-1/2 (Z the block's columns of the row's items, W their weights) a block's step is
//
//   delta = D^-1/2 (I + S'S)^-1 (S'e - D^1/2 x),   e = W^1/2 (1 - predictions)
//
// or, by Woodbury's identity, with the smaller (I + SS')^-1 where the row is shorter than the block is wide. The exact
// solution is the step of one block that holds every coordinate. None of the three can raise the loss.
//
// CPU seconds an epoch on one core, conjugate gradients (3 steps) / Cholesky / blocks of 64, all in one run; losses
// after three epochs are within .2 % of one another. The diagonal is a good enough preconditioner that gradients win
// throughout:
//
//   ml-100k, 100,000 events      d 64: .014 / .031 / .029   d 128: .024 / .071 / .060   d 256: .051 / .179 / .127
//   synthetic, 866,000 events    d 64: .131 / .300 / .289   d 128: .211 / .599 / .596   d 256: .466 / 1.22 / 1.23
#pragma once

#include <vector>

#include "match/factors/item_factors.h"

namespace zhiyin {

enum class AlsSolver { kConjugateGradients, kCholesky, kBlocks };

struct AlsSteps {
  AlsSolver solver = AlsSolver::kConjugateGradients;
  int steps = 3;           // of conjugate gradients
  std::size_t block = 64;  // coordinates a block
};

// One a thread, for it keeps its scratch; `held` must outlive it.
class RowSolver {
 public:
  RowSolver(const ItemFactors& held, const AlsSteps& how) : held_(held), how_(how) {}

  // Moves x, the row's factors, from where it is.
  void improve(std::span<const ItemIndex> items, std::span<const float> weights, std::span<float> x);

 private:
  void improve_block(std::span<const ItemIndex> items, std::size_t from, std::size_t width, bool last,
                     std::span<float> x);
  // S of the items [begin, end) of the row, row-major, into slab_.
  void gather(std::span<const ItemIndex> items, std::size_t begin, std::size_t end, std::size_t from,
              std::size_t width);

  const ItemFactors& held_;
  AlsSteps how_;
  std::vector<float> diagonal_;      // D
  std::vector<float> inverse_root_;  // D^-1/2
  std::vector<float> root_weights_;  // W^1/2
  std::vector<float> misses_;        // e
  std::vector<float> slab_;
  std::vector<float> system_;
  std::vector<float> step_;
  std::vector<float> shadow_;  // (I + SS')^-1 S times the gradient
};

}  // namespace zhiyin
