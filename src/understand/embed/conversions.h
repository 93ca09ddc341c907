// Which pretrained models we turn into ONNX, and how: one entry a model. Each result is checked against numbers of the
// original before it is returned.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zhiyin {

// The bytes of the ONNX model made of the files in the folder. Errors: a model that this version cannot make, files that
// cannot be read, a result that differs from the original. Thread-safe.
Result<std::string> converted(std::string_view model, const std::filesystem::path& folder);

}  // namespace zhiyin
