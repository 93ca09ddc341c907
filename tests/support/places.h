// Where the program under test was built.
#pragma once

#include <string>

namespace zhiyin {

const std::string& program_path();

}  // namespace zhiyin
