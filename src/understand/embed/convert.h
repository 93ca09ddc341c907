// One converter a model: the bytes of an ONNX model, or a safetensors file, made of the files in the folder, models
// checked against numbers of the original before they are returned. Called through conversions.h. Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace zhiyin {

Result<std::string> convert_use_lite(const std::filesystem::path& folder);
Result<std::string> shrink_use_lite(const std::filesystem::path& folder);  // in eight bits
Result<std::string> make_words(const std::filesystem::path& folder);       // of jieba's dictionary
Result<std::string> make_glosses(const std::filesystem::path& folder);     // of CC-CEDICT
Result<std::string> convert_centernet(const std::filesystem::path& folder);
Result<std::string> convert_nanodet(const std::filesystem::path& folder);
Result<std::string> convert_nsfw(const std::filesystem::path& folder);
Result<std::string> shrink_ocr_reader(const std::filesystem::path& folder);  // in eight bits
Result<std::string> convert_basic_pitch(const std::filesystem::path& folder);

}  // namespace zhiyin
