// How much a scan holds at a time: as many decoded files as it has threads, however many there are.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

#include "feed/ingest/scan.h"
#include "support/media_files.h"
#include "support/places.h"
#include "support/world.h"

namespace zhiyin {
namespace {

double resident_mib() {
  std::ifstream in("/proc/self/statm");
  double pages = 0;
  in >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

class Watching final : public Sense {
 public:
  [[nodiscard]] std::string_view name() const override { return "sound.watching"; }
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception&) const override {
    const int now = ++at_work_;
    most_at_work = std::max(most_at_work.load(), now);
    EXPECT_FALSE(decoded.music.samples.empty());
    const int file = files++;
    auto& peak = file < kWarm ? early_peak_mib : late_peak_mib;
    peak = std::max(peak.load(), resident_mib());
    --at_work_;
    return {};
  }

  static constexpr int kWarm = 30;
  mutable std::atomic<int> files{0};
  mutable std::atomic<int> most_at_work{0};
  mutable std::atomic<double> early_peak_mib{0};
  mutable std::atomic<double> late_peak_mib{0};

 private:
  mutable std::atomic<int> at_work_{0};
};

TEST(ScanMemory, IsAsHighAfterAHundredFilesAsAfterThirty) {
  constexpr int kFiles = 100;
  World world;
  const TemporaryFolder folder;
  for (int i = 0; i < kFiles; ++i) {
    std::ofstream(folder / (std::to_string(i) + ".wav"), std::ios::binary) << wav_bytes(tone(200 + i, 10, 16000));
  }
  auto owned = std::make_unique<Watching>();
  const auto& watching = *owned;
  world.encoders.senses.push_back(std::move(owned));
  Ingest ingest(*world.store, *world.log, nullptr, world.encoders, {.decode = {}, .worker = program_path()});
  const auto report =
      scan(std::vector{folder.path()}, ingest, *world.store, {.threads = 2, .stop = {}, .ready = {}}).value();
  EXPECT_EQ(report.analysed, kFiles);
  EXPECT_LE(watching.most_at_work, 2);
  // A file is 10 s of sound at 16 kHz, twice: 1.2 MiB. Seventy files that stayed would be 85.
  EXPECT_LT(watching.late_peak_mib, watching.early_peak_mib + 10);
}

}  // namespace
}  // namespace zhiyin
