#include "learn/compress_ways.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "match/linear/item_weights.h"

namespace zhiyin {

bool can_be_pruned(const Tensor& tensor) {
  return tensor.shape().size() == 2 && tensor.shape()[0] == tensor.shape()[1];
}

Result<Budget> parse_budget(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto bad =
      invalid(fmt::format("\"{}\" is no budget: give a size (12M, 800k) or a share (0.25, 25%)", text), "budget");
  if (error != std::errc{} || !(number > 0) || !(number < 1e15)) return bad;
  if (unit == "%" && number <= 100) return Budget{.share = number / 100};
  if (unit.empty() && number <= 1) return Budget{.share = number};
  constexpr std::pair<std::string_view, double> kUnits[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}};
  const auto found = std::ranges::find(kUnits, unit, [](const auto& each) { return each.first; });
  if (found == std::end(kUnits)) return bad;
  return Budget{.bytes = static_cast<std::size_t>(number * found->second)};
}

std::string Way::text() const {
  if (keep == 0) return std::string(codec_name(codec));
  return fmt::format("keep {}, {}", keep, codec_name(codec));
}

Result<Tensors> kept(const Tensors& whole, const std::string& array, const Way& way) {
  if (way.keep == 0) return pack_tensors(whole, {{array, way.codec}});
  ZY_TRY(const auto weights, whole.get(array, DType::kF32, std::array<std::size_t, 2>{0, 0}));
  if (!can_be_pruned(weights)) return invalid(fmt::format("array \"{}\" is not square: it cannot be pruned", array));
  Tensors sparse;
  sparse.metadata = whole.metadata;
  for (const auto& [name, tensor] : whole.all()) {
    if (name != array) sparse.put(name, tensor);
  }
  pruned(weights.as<float>(), weights.shape()[0], way.keep).save(sparse);
  return pack_tensors(sparse, {{"similarity", way.codec}});
}

}  // namespace zhiyin
