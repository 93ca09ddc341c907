#include "base/measure/machine.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace zhiyin {
namespace {

TEST(Machine, NamesWhatAFigureWasMeasuredOn) {
  ::setenv("OPENBLAS_CORETYPE", "Haswell", 1);
  const auto machine = this_machine(2);
  EXPECT_FALSE(machine.cpu.empty());
  EXPECT_GE(machine.cores, 1);
  EXPECT_EQ(machine.threads, 2);
  EXPECT_EQ(machine.openblas_coretype, "Haswell");
  ::unsetenv("OPENBLAS_CORETYPE");
  EXPECT_EQ(this_machine(1).openblas_coretype, "auto");
}

TEST(Meter, SeesMemoryAndTimeOfWhatItMeasures) {
  const Meter meter;
  const double before = peak_rss_mib();
  std::vector<char> block(std::size_t{64} << 20U, 1);
  double sum = 0;
  for (std::size_t i = 0; i < 5'000'000; ++i) sum += block[i % block.size()];
  ASSERT_EQ(sum, 5e6);
  const auto cost = meter.stop();
  EXPECT_GT(cost.wall_s, 0);
  EXPECT_GT(cost.cpu_s, 0);
  EXPECT_GE(cost.peak_rss_mib, before + 32);
}

}  // namespace
}  // namespace zhiyin
