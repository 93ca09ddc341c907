// Running another program to its end.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"

namespace zhiyin {

// arguments[0] is a path, or a name that is looked up in PATH. Its input is empty and its output is dropped. Returns
// its exit code, 128 + the signal if one ended it. kNotFound names a program that is not there. Thread-safe.
Result<int> run_program(std::span<const std::string> arguments);

// As many open files as the system lets this process have: every connection is one. Returns how many.
std::size_t raise_open_files();

// Processor time of this process and of all it has started and waited for.
double cpu_seconds_with_children();

}  // namespace zhiyin
