#include "understand/embed/conversions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "understand/embed/convert.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

struct Conversion {
  std::string_view model;
  std::string_view output;
  Result<std::string> (*convert)(const fs::path& folder);
  int version = 1;
};
constexpr std::array kConversions = {
    Conversion{"use-lite", "use-lite.onnx", convert_use_lite},
    Conversion{"use-lite", "use-lite.int8.onnx", shrink_use_lite, 2},
    Conversion{"centernet", "centernet.onnx", convert_centernet},
    Conversion{"nanodet", "nanodet.onnx", convert_nanodet},
    Conversion{"nsfw", "nsfw.onnx", convert_nsfw},
    Conversion{"ocr", "rec.int8.onnx", shrink_ocr_reader},
    Conversion{"basic-pitch", "basic-pitch.onnx", convert_basic_pitch},
    Conversion{"jieba", "words.safetensors", make_words},
    Conversion{"cc-cedict", "glosses.safetensors", make_glosses},
};

const Conversion* find(std::string_view model, std::string_view output) {
  const auto* found =
      std::ranges::find_if(kConversions, [&](const auto& row) { return row.model == model && row.output == output; });
  return found == kConversions.end() ? nullptr : found;
}

}  // namespace

Result<std::string> converted(std::string_view model, std::string_view output, const fs::path& folder) {
  const auto* conversion = find(model, output);
  if (conversion == nullptr) return invalid(fmt::format("this version cannot make {} of {}", output, model));
  return conversion->convert(folder);
}

int conversion_version(std::string_view model, std::string_view output) {
  const auto* conversion = find(model, output);
  return conversion == nullptr ? 1 : conversion->version;
}

}  // namespace zhiyin
