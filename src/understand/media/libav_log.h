// What libav complains about, kept instead of printed: the first few different messages of level error.
#pragma once

#include <string>
#include <vector>

namespace zhiyin {

// From now on libav prints nothing in this process. Thread-safe.
void collect_libav_messages();

// In the order said, each once, at most eight.
std::vector<std::string> libav_messages();
std::string last_libav_message();  // empty if there was none

}  // namespace zhiyin
