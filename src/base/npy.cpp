// The .npy format (NumPy enhancement proposal 1): magic, version, header length, a Python dict literal, raw numbers.
#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/file.h"
#include "base/half.h"
#include "base/tensors.h"

namespace zhiyin {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

// The text behind `'key':` in the header's dict.
std::string_view value_of(std::string_view header, std::string_view key) {
  auto at = header.find(fmt::format("'{}'", key));
  if (at == std::string_view::npos) return {};
  at = header.find(':', at);
  if (at == std::string_view::npos) return {};
  at = header.find_first_not_of(' ', at + 1);
  return at == std::string_view::npos ? std::string_view{} : header.substr(at);
}

Result<std::vector<std::size_t>> parse_shape(std::string_view text) {
  const auto end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) return corrupt("the header has no shape");
  std::vector<std::size_t> shape;
  const char* at = text.data() + 1;
  const char* const stop = text.data() + end;
  while (at < stop) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    std::size_t extent = 0;
    const auto [after, error] = std::from_chars(at, stop, extent);
    if (error != std::errc{}) return corrupt("the header's shape is not a tuple of whole numbers");
    shape.push_back(extent);
    at = after;
  }
  return shape;
}

template <typename T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

Result<NpyArray> parse(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 12) return corrupt("is not a .npy file");
  const bool long_header = bytes[6] >= 2;
  const std::size_t start = long_header ? 12 : 10;
  const std::size_t length =
      long_header ? load<std::uint32_t>(bytes.data() + 8) : load<std::uint16_t>(bytes.data() + 8);
  if (length > bytes.size() - start) return corrupt("the header is longer than the file");
  const auto header = bytes.substr(start, length);
  const auto data = bytes.substr(start + length);

  const auto descr = value_of(header, "descr");
  std::size_t width = 0;
  for (const auto& [name, size] : {std::pair{"'<f2'", 2}, {"'<f4'", 4}, {"'<f8'", 8}}) {
    if (descr.starts_with(name)) width = static_cast<std::size_t>(size);
  }
  if (width == 0) {
    return invalid(
        fmt::format("holds {}, little-endian floats are needed: save it with .astype(\"<f4\")", descr.substr(0, 12)));
  }
  if (!value_of(header, "fortran_order").starts_with("False")) {
    return invalid("is in Fortran order: save it with numpy.ascontiguousarray");
  }
  NpyArray array;
  ZY_TRY(array.shape, parse_shape(value_of(header, "shape")));
  std::size_t wanted = width;
  for (const auto extent : array.shape) {
    if (__builtin_mul_overflow(wanted, extent, &wanted)) return corrupt("the header's shape is impossibly large");
  }
  if (wanted != data.size())
    return corrupt(fmt::format("holds {} bytes of numbers, its header says {}", data.size(), wanted));

  array.values.resize(wanted / width);
  for (std::size_t i = 0; i < array.values.size(); ++i) {
    const auto* at = data.data() + i * width;
    array.values[i] = width == 2   ? half_to_float(load<std::uint16_t>(at))
                      : width == 4 ? load<float>(at)
                                   : static_cast<float>(load<double>(at));
    if (!std::isfinite(array.values[i])) return invalid(fmt::format("number {} is NaN, infinite or beyond float32", i));
  }
  return array;
}

}  // namespace

Result<NpyArray> read_npy(const std::filesystem::path& path) {
  ZY_TRY(const auto bytes, read_file(path));
  return parse(bytes).in(path.string());
}

}  // namespace zhiyin
