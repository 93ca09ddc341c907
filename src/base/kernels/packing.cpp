#include "base/kernels/packing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "base/text.h"

namespace zhiyin {
namespace {

constexpr std::string_view kMark = "packed.";
constexpr std::size_t kWorthIt = 4096;   // numbers
constexpr std::size_t kFlatWidth = 128;  // of an array of one dimension
constexpr std::size_t kMostNumbers = std::size_t{1} << 36U;

// How an array is looked at as a matrix.
struct Frame {
  std::size_t rows;
  std::size_t columns;
};
Frame frame_of(const std::vector<std::size_t>& shape, std::size_t size) {
  const auto columns = shape.size() > 1 ? shape.back() : std::min(size, kFlatWidth);
  return {columns == 0 ? 0 : (size + columns - 1) / columns, columns};
}

Result<std::vector<std::size_t>> read_shape(std::string_view text, std::size_t& size) {
  std::vector<std::size_t> shape;
  size = 1;
  for (const auto part : split(text, 'x')) {
    std::size_t extent = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), extent);
    if (error != std::errc{} || end != part.data() + part.size() || __builtin_mul_overflow(size, extent, &size) ||
        size > kMostNumbers) {
      return corrupt(fmt::format("\"{}\" is no shape", text));
    }
    shape.push_back(extent);
  }
  return shape;
}

Result<Tensor> unpack_one(const Tensors& tensors, const std::string& name, std::string_view how) {
  const auto blank = std::min(how.find(' '), how.size());
  const auto codec = codec_named(how.substr(0, blank));
  if (!codec || blank == how.size()) return corrupt(fmt::format("\"{}\" is no way of packing", how));
  std::size_t size = 0;
  ZY_TRY(auto shape, read_shape(how.substr(blank + 1), size));
  const auto [rows, columns] = frame_of(shape, size);
  PackedMatrix packed{.codec = *codec, .rows = rows, .columns = columns, .codes = {}, .scales = {}, .codebook = {}};
  const auto part = [&](std::string_view suffix, Tensor& to) -> Result<void> {
    const auto found = tensors.all().find(name + std::string(suffix));
    if (found == tensors.all().end()) return {};
    ZY_TRY(to, tensors.get(found->first, found->second.dtype(), found->second.shape()));  // for its finiteness
    return {};
  };
  ZY_CHECK_OK(part(".codes", packed.codes));
  ZY_CHECK_OK(part(".scales", packed.scales));
  ZY_CHECK_OK(part(".codebook", packed.codebook));
  ZY_TRY(auto values, unpack_matrix(packed));
  values.resize(size);
  return Tensor::adopt<float>(std::move(shape), std::move(values));
}

}  // namespace

bool packable(const Tensor& tensor) { return tensor.dtype() == DType::kF32 && tensor.size() >= kWorthIt; }

Result<Tensors> pack_tensors(const Tensors& tensors, const Packing& packing, std::uint64_t seed) {
  Tensors packed;
  packed.metadata = tensors.metadata;
  for (const auto& [name, codec] : packing) {
    if (!tensors.has(name)) return invalid(fmt::format("there is no array \"{}\" to pack", name));
  }
  for (const auto& [name, tensor] : tensors.all()) {
    const auto how = packing.find(name);
    if (how == packing.end() || how->second == Codec::kFloat) {
      packed.put(name, tensor);
      continue;
    }
    if (tensor.dtype() != DType::kF32) return invalid(fmt::format("array \"{}\" is not float32", name));
    const auto [rows, columns] = frame_of(tensor.shape(), tensor.size());
    std::vector<float> values(tensor.as<float>().begin(), tensor.as<float>().end());
    values.resize(rows * columns, 0);
    ZY_TRY(auto matrix, pack_matrix(values, rows, columns, how->second, seed).in(name));
    packed.put(name + ".codes", std::move(matrix.codes));
    if (!matrix.scales.bytes().empty()) packed.put(name + ".scales", std::move(matrix.scales));
    if (!matrix.codebook.bytes().empty()) packed.put(name + ".codebook", std::move(matrix.codebook));
    packed.metadata[std::string(kMark) + name] =
        fmt::format("{} {}", codec_name(how->second), fmt::join(tensor.shape(), "x"));
  }
  return packed;
}

Result<Tensors> unpack_tensors(const Tensors& tensors) {
  Tensors whole;
  std::map<std::string, std::string_view, std::less<>> packed;  // by name
  for (const auto& [key, how] : tensors.metadata) {
    if (key.starts_with(kMark))
      packed[key.substr(kMark.size())] = how;
    else
      whole.metadata[key] = how;
  }
  for (const auto& [name, tensor] : tensors.all()) {
    const auto stem = name.substr(0, name.rfind('.'));
    if (!packed.contains(stem) || packed.contains(name)) whole.put(name, tensor);
  }
  for (const auto& [name, how] : packed) {
    ZY_TRY(auto tensor, unpack_one(tensors, name, how).in(fmt::format("array \"{}\"", name)));
    whole.put(name, std::move(tensor));
  }
  return whole;
}

std::size_t bytes_of(const Tensors& tensors) {
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : tensors.all()) bytes += tensor.bytes().size();
  return bytes;
}

}  // namespace zhiyin
