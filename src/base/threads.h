// Work over a range on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace zhiyin {

// The number of threads to use when nobody says: the cores this process may run on, at least 1.
int default_threads();

// Calls body(begin, end, worker) for consecutive blocks of [0, size), each of at most `grain` elements, on `threads`
// threads (the caller's among them) and returns when all are done. Blocks are handed out in order, as threads become
// free. worker is in [0, threads). body must not throw.
void parallel_for(std::size_t size, std::size_t grain, int threads,
                  const std::function<void(std::size_t begin, std::size_t end, int worker)>& body);

}  // namespace zhiyin
