// What we make of the files that set-up fetches, and how: one entry an output. A model is checked against numbers of
// the original before it is returned.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zhiyin {

// The bytes of one output ("use-lite.onnx") made of the files in the model's folder. Errors: an output that this
// version cannot make, files that cannot be read, a result that differs from the original. Thread-safe.
Result<std::string> converted(std::string_view model, std::string_view output, const std::filesystem::path& folder);

// Raised when what is made changes, so that what older versions made is made anew. 1 for an output nobody knows.
int conversion_version(std::string_view model, std::string_view output);

}  // namespace zhiyin
