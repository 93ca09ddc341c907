// Whose a name of vectors is. An encoder's next run writes over what bears its name, so nothing else may take it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "understand/embed/onnx/encoder_description.h"

namespace zhiyin {

// "this program", "an endpoint", "encoders.toml:3", or "" for a name that nobody has. The program's own names are
// taken whether or not their models are there: nothing is opened. Thread-safe.
std::string owner_of_encoder_name(std::string_view name, std::span<const EncoderDescription> described = {});

}  // namespace zhiyin
