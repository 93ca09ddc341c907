#include "base/measure/chances.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace zhiyin {
namespace {

using Floats = std::vector<float>;

TEST(Chances, AucIsTheShareOfPairsInOrder) {
  const Floats labels = {1, 0, 1, 0};
  EXPECT_DOUBLE_EQ(auc(Floats{0.9F, 0.1F, 0.8F, 0.2F}, labels), 1);
  EXPECT_DOUBLE_EQ(auc(Floats{0.1F, 0.9F, 0.2F, 0.8F}, labels), 0);
  EXPECT_DOUBLE_EQ(auc(Floats{0.5F, 0.5F, 0.5F, 0.5F}, labels), 0.5);
  EXPECT_DOUBLE_EQ(auc(Floats{0.9F, 0.5F, 0.5F, 0.1F}, labels), 0.875);  // of four pairs three in order, one tied
  EXPECT_TRUE(std::isnan(auc(Floats{0.1F, 0.2F}, Floats{1, 1})));
}

TEST(Chances, GroupedAucLooksInsideEachUser) {
  // Between the users the order is wrong, inside each it is right; the third has no no.
  const Floats scores = {0.2F, 0.1F, 0.9F, 0.8F, 0.5F};
  const Floats labels = {1, 0, 1, 0, 1};
  const std::vector<std::uint32_t> users = {0, 0, 1, 1, 2};
  EXPECT_DOUBLE_EQ(grouped_auc(scores, labels, users), 1);
  EXPECT_LT(auc(scores, labels), 1);
}

TEST(Chances, LogLossAndCalibrationErrorByHand) {
  EXPECT_NEAR(log_loss(Floats{0.5F, 0.25F}, Floats{1, 0}), -(std::log(0.5) + std::log(0.75)) / 2, 1e-6);
  EXPECT_TRUE(std::isfinite(log_loss(Floats{0, 1}, Floats{1, 0})));
  // One bin of four at .7 of which half happened: off by .2.
  EXPECT_NEAR(calibration_error(Floats{0.7F, 0.7F, 0.7F, 0.7F}, Floats{1, 0, 1, 0}), 0.2, 1e-6);
  EXPECT_NEAR(calibration_error(Floats{0.5F, 0.5F}, Floats{1, 0}), 0, 1e-6);
}

}  // namespace
}  // namespace zhiyin
