#include "understand/embed/text/text_encoder.h"

#include <algorithm>

#include "base/log.h"
#include "understand/embed/text/hashed_text.h"
#include "understand/embed/text/use_encoder.h"

namespace zhiyin {

std::vector<std::unique_ptr<TextEncoder>> open_text_encoders(const std::filesystem::path& cache) {
  std::vector<std::unique_ptr<TextEncoder>> encoders;
  std::shared_ptr<const ChineseBridge> bridge;
  if (auto opened = ChineseBridge::open(cache); opened.ok()) {
    bridge = std::move(opened).value();
  } else {
    log_warning(
        "the Chinese dictionaries are not there, Chinese is read by characters alone; `zhiyin setup` mends it ({})",
        opened.error().message);
  }
  if (auto use = UseEncoder::open(cache / UseEncoder::kFolder, bridge); use.ok()) {
    encoders.push_back(std::move(use).value());
  } else {
    log_warning("the text encoder is not there, hashed text features take over; `zhiyin setup` mends it ({})",
                use.error().message);
  }
  encoders.push_back(std::make_unique<HashedText>());
  return encoders;
}

// The texts in a JSON, whatever it is: labels that came from elsewhere.
template <typename Visit>
static void each_text(const Json& json, const Visit& visit) {
  if (json.is_string()) visit(json.as_string());
  for (const auto& element : json.elements()) each_text(element, visit);
  for (const auto& [name, value] : json.members()) each_text(value, visit);
}

std::string text_of(const Item& item) {
  std::string text;
  const auto append = [&](std::string_view part, std::string_view separator) {
    if (part.empty()) return;
    if (!text.empty()) text += separator;
    text += part;
  };
  append(item.title, "");
  append(item.creator, " - ");
  for (std::size_t i = 0; i < item.tags.size(); ++i) append(item.tags[i], i == 0 ? ". " : ", ");
  each_text(item.attributes["labels"], [&](std::string_view label) { append(label, ", "); });
  append(item.text, ". ");
  return text;
}

Result<std::vector<StoredVector>> encode_text(std::span<const std::unique_ptr<TextEncoder>> encoders,
                                              const std::string& text) {
  std::vector<StoredVector> vectors;
  for (const auto& encoder : encoders) {
    ZY_TRY(auto values, encoder->encode_one(text));
    if (std::ranges::all_of(values, [](float value) { return value == 0; })) continue;
    vectors.push_back({std::string(encoder->name()), encoder->version(), std::move(values)});
  }
  return vectors;
}

}  // namespace zhiyin
