#include "feed/ingest/label_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace zhiyin {
namespace {

constexpr std::size_t kFewest = 8;     // fewer are a size, a place or a date
constexpr std::size_t kMostName = 40;  // bytes of the place that go into the name

bool is_vector(const Json& json) {
  const auto& numbers = json.elements();
  return numbers.size() >= kFewest && std::ranges::all_of(numbers, &Json::is_number);
}

std::string encoder_name(std::string place, std::size_t length) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  std::ranges::replace_if(
      place, [&](char c) { return !is_plain(c); }, '_');
  return fmt::format("{}.{}", place.substr(0, kMostName), length);
}

void collect(const Json& json, const std::string& place, const ItemId& item, std::vector<ItemVector>& found) {
  for (const auto& [name, value] : json.members()) collect(value, fmt::format("{}.{}", place, name), item, found);
  if (!is_vector(json)) return;
  StoredVector vector{encoder_name(place, json.elements().size()), 1, {}};
  double sum = 0;
  for (const auto& number : json.elements()) sum += number.as_number() * number.as_number();
  if (!(sum > 0) || !std::isfinite(sum)) return;
  for (const auto& number : json.elements())
    vector.values.push_back(static_cast<float>(number.as_number() / std::sqrt(sum)));
  found.push_back({item, std::move(vector)});
}

}  // namespace

std::vector<ItemVector> label_vectors(std::span<const Item> items) {
  std::vector<ItemVector> found;
  for (const auto& item : items) collect(item.attributes["labels"], "labels", item.id, found);
  return found;
}

}  // namespace zhiyin
