#include <gtest/gtest.h>

#include "base/nn/activations.h"
#include "base/nn/dense.h"
#include "base/nn/embedding.h"
#include "base/nn/losses.h"
#include "base/nn/optimizers.h"
#include "base/nn_check.h"

namespace zhiyin::nn {
namespace {

struct TwoLayers {
  explicit TwoLayers(std::uint64_t seed) : random(seed), first(2, 8, random), second(8, 1, random) {
    first.enumerate("first", all);
    second.enumerate("second", all);
  }
  Matrix forward(const Matrix& x) const { return second.forward(tanh(first.forward(x))); }
  double train(const Matrix& x, const Matrix& labels) {
    Dense::Kept kept_first;
    Dense::Kept kept_second;
    const auto hidden = tanh(first.forward(x, &kept_first));
    const auto loss = logistic(second.forward(hidden, &kept_second), labels);
    first.backward(tanh_backward(second.backward(loss.gradient, kept_second), hidden), kept_first);
    return loss.value;
  }
  Random random;
  Dense first;
  Dense second;
  Parameters all;
};

const Matrix kInputs(4, 2, {0, 0, 0, 1, 1, 0, 1, 1});
const Matrix kExclusiveOr(4, 1, {0, 1, 1, 0});

template <typename Optimizer>
double learn_exclusive_or(TwoLayers& net, Optimizer optimizer) {
  double loss = 0;
  for (int step = 0; step < 600; ++step) {
    loss = net.train(kInputs, kExclusiveOr);
    optimizer.step();
  }
  return loss;
}

TEST(NnTraining, TwoLayersLearnWhatOneCannot) {
  TwoLayers by_adam(3);
  EXPECT_LT(learn_exclusive_or(by_adam, Adam(by_adam.all, {.rate = 0.05F})), 0.02);
  TwoLayers by_adagrad(3);
  EXPECT_LT(learn_exclusive_or(by_adagrad, Adagrad(by_adagrad.all, {.rate = 0.5F})), 0.05);
}

TEST(NnTraining, RepeatsBitByBitForASeed) {
  TwoLayers one(3);
  TwoLayers other(3);
  learn_exclusive_or(one, Adam(one.all, {.rate = 0.05F}));
  learn_exclusive_or(other, Adam(other.all, {.rate = 0.05F}));
  EXPECT_EQ(one.forward(kInputs).values(), other.forward(kInputs).values());
}

TEST(NnTraining, AdamsFirstStepIsTheRateAgainstTheSignOfTheGradient) {
  Parameter parameter(1, 3, 1);
  parameter.gradient = Matrix(1, 3, {2, -0.001F, 0});
  Adam adam({{"p", &parameter}}, {.rate = 0.1F});
  adam.step();
  EXPECT_NEAR(parameter.value.values()[0], 0.9, 1e-5);
  EXPECT_NEAR(parameter.value.values()[1], 1.1, 1e-5);
  EXPECT_EQ(parameter.value.values()[2], 1);
  EXPECT_EQ(parameter.gradient.values(), (std::vector<float>{0, 0, 0})) << "taken";
}

TEST(NnTraining, LongGradientsAreCutToTheLengthAskedFor) {
  Parameter parameter(1, 2);
  parameter.gradient = Matrix(1, 2, {30, 40});
  Parameters all = {{"p", &parameter}};
  EXPECT_NEAR(gradient_norm(all), 50, 1e-4);
  Adam cut(all, {.rate = 1, .epsilon = 1, .most_norm = 1});
  cut.step();
  EXPECT_NEAR(parameter.value.values()[0], -0.6 / 1.6, 1e-5) << "rate g / (|g| + epsilon) with g = 0.6";
}

// A row that is touched at some steps only must move as if the other steps had not been, whatever the table's size.
template <typename Make>
void expect_lazy_rows(Make make) {
  Random random(1);
  Embedding table(3, 2, 1, random);
  Parameters all;
  table.enumerate("table", all);
  Parameter alone(1, 2);
  alone.value = Matrix(1, 2, {table.table().row(1)[0], table.table().row(1)[1]});
  const auto untouched = std::vector<float>(table.table().row(2).begin(), table.table().row(2).end());
  auto lazy = make(all);
  auto dense = make(Parameters{{"alone", &alone}});
  for (int step = 0; step < 6; ++step) {
    const auto gradient = random_matrix(1, 2, 10 + static_cast<std::uint64_t>(step));
    const std::vector<std::uint32_t> id = {step % 2 == 0 ? 1U : 0U};
    table.backward(gradient, id);
    lazy.step();
    if (step % 2 != 0) continue;
    alone.gradient = gradient;
    dense.step();
  }
  for (std::size_t d = 0; d < 2; ++d) {
    EXPECT_EQ(table.table().row(1)[d], alone.value.row(0)[d]);
    EXPECT_EQ(table.table().row(2)[d], untouched[d]);
  }
}

TEST(NnTraining, RowsThatAreNotTouchedAreNotStepped) {
  expect_lazy_rows([](const Parameters& all) { return Adam(all, {.rate = 0.1F, .weight_decay = 0.1F}); });
  expect_lazy_rows([](const Parameters& all) { return Adagrad(all, {.rate = 0.1F}); });
}

TEST(NnTraining, IsTheSameAfterSavingAndLoading) {
  TwoLayers net(3);
  TwoLayers again(4);
  Tensors tensors;
  save(net.all, "net.", tensors);
  ASSERT_NE(net.forward(kInputs).values(), again.forward(kInputs).values());
  ASSERT_TRUE(load(again.all, "net.", tensors).ok());
  EXPECT_EQ(net.forward(kInputs).values(), again.forward(kInputs).values());
  const auto failed = load(again.all, "other.", tensors);
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().message.find("other.first.weight"), std::string::npos);
}

}  // namespace
}  // namespace zhiyin::nn
