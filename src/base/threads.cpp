#include "base/threads.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace zhiyin {

int default_threads() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
  return std::max(1, CPU_COUNT(&allowed));
}

void parallel_for(std::size_t size, std::size_t grain, int threads,
                  const std::function<void(std::size_t, std::size_t, int)>& body) {
  if (size == 0) return;
  grain = std::max<std::size_t>(grain, 1);
  const auto blocks = (size + grain - 1) / grain;
  const auto workers = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(std::max(threads, 1)), blocks));
  std::atomic<std::size_t> next{0};
  const auto work = [&](int worker) {
    for (;;) {
      const auto begin = next.fetch_add(grain);
      if (begin >= size) return;
      body(begin, std::min(begin + grain, size), worker);
    }
  };
  std::vector<std::jthread> others;
  for (int worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
  work(0);
}

}  // namespace zhiyin
