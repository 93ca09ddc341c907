#include "base/tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "base/file.h"
#include "base/json.h"

static_assert(std::endian::native == std::endian::little, "tensor files hold little-endian numbers");

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxHeader = 100U << 20U;  // as the reference implementation of safetensors
constexpr std::size_t kAlignment = 8;            // the widest element
constexpr std::size_t kLengthBytes = 8;
constexpr std::string_view kMetadata = "__metadata__";

struct DTypeRow {
  DType dtype;
  std::string_view name;
  std::size_t bytes;
};
constexpr DTypeRow kDTypes[] = {{DType::kF32, "F32", 4}, {DType::kF16, "F16", 2}, {DType::kI8, "I8", 1},
                                {DType::kU8, "U8", 1},   {DType::kI32, "I32", 4}, {DType::kI64, "I64", 8},
                                {DType::kU32, "U32", 4}};

const DTypeRow& row_of(DType dtype) { return *std::ranges::find(kDTypes, dtype, &DTypeRow::dtype); }

// The number of elements, or nothing if it does not fit.
std::optional<std::size_t> product(const std::vector<std::size_t>& shape) {
  std::size_t all = 1;
  for (const auto extent : shape) {
    if (__builtin_mul_overflow(all, extent, &all)) return std::nullopt;
  }
  return all;
}

bool all_finite(const Tensor& tensor) {
  if (tensor.dtype() == DType::kF32)
    return std::ranges::all_of(tensor.as<float>(), [](float x) { return std::isfinite(x); });
  if (tensor.dtype() != DType::kF16) return true;
  for (std::size_t at = 0; at < tensor.bytes().size(); at += 2) {
    std::uint16_t half;
    std::memcpy(&half, tensor.bytes().data() + at, 2);
    if ((half & 0x7c00U) == 0x7c00U) return false;
  }
  return true;
}

// One array of the header, checked against the `data` behind it.
Result<Tensor> read_entry(const Json& entry, std::span<const std::byte> data,
                          const std::shared_ptr<const void>& owner) {
  const auto known = std::ranges::find(kDTypes, entry["dtype"].as_string(), &DTypeRow::name);
  if (known == std::end(kDTypes)) return corrupt(fmt::format("unknown dtype {}", entry["dtype"].dump()));
  if (!entry["shape"].is_array()) return corrupt("no shape");
  std::vector<std::size_t> shape;
  for (const auto& extent : entry["shape"].elements()) {
    if (extent.as_integer(-1) < 0) return corrupt(fmt::format("impossible shape {}", entry["shape"].dump()));
    shape.push_back(static_cast<std::size_t>(extent.as_integer()));
  }
  const auto& offsets = entry["data_offsets"].elements();
  if (offsets.size() != 2 || offsets[0].as_integer(-1) < 0 || offsets[1].as_integer(-1) < offsets[0].as_integer()) {
    return corrupt(fmt::format("impossible data_offsets {}", entry["data_offsets"].dump()));
  }
  const auto begin = static_cast<std::size_t>(offsets[0].as_integer());
  const auto end = static_cast<std::size_t>(offsets[1].as_integer());
  if (end > data.size()) {
    return corrupt(fmt::format("ends at byte {} of {}: the file is cut short or its header lies", end, data.size()));
  }
  const auto elements = product(shape);
  std::size_t bytes = 0;
  if (!elements || __builtin_mul_overflow(*elements, known->bytes, &bytes) || bytes != end - begin) {
    return corrupt(
        fmt::format("{} bytes do not hold shape [{}] of {}", end - begin, fmt::join(shape, ", "), known->name));
  }
  if (reinterpret_cast<std::uintptr_t>(data.data() + begin) % known->bytes != 0)
    return corrupt("is not aligned to its elements");
  return Tensor(known->dtype, std::move(shape), data.subspan(begin, bytes), owner);
}

// The header's length and its JSON, or what is wrong with them.
Result<Json> read_header(std::span<const std::byte> bytes, std::size_t& header_size) {
  if (bytes.size() < kLengthBytes)
    return corrupt(fmt::format("{} bytes are too few for a safetensors file", bytes.size()));
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMaxHeader)
    return corrupt(fmt::format("a header of {} bytes is over the limit of {}", length, kMaxHeader));
  if (length > bytes.size() - kLengthBytes) return corrupt("the header is longer than the file");
  header_size = length;
  auto parsed = Json::parse({reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length});
  if (!parsed.ok()) return corrupt("header: " + parsed.error().message);
  if (!parsed->is_object()) return corrupt("the header is not a JSON object");
  return parsed;
}

// Arrays may not share bytes: two names for the same numbers is a lie somewhere.
Result<void> check_overlaps(const std::map<std::string, Tensor, std::less<>>& tensors) {
  std::vector<std::pair<std::span<const std::byte>, std::string_view>> extents;
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.bytes().empty()) extents.emplace_back(tensor.bytes(), name);
  }
  std::ranges::sort(extents, {}, [](const auto& extent) { return extent.first.data(); });
  for (std::size_t i = 1; i < extents.size(); ++i) {
    const auto& before = extents[i - 1];
    if (before.first.data() + before.first.size() > extents[i].first.data()) {
      return corrupt(fmt::format("arrays \"{}\" and \"{}\" overlap", before.second, extents[i].second));
    }
  }
  return {};
}

Result<Tensors> parse(const std::shared_ptr<const MappedFile>& file) {
  std::size_t header_size = 0;
  ZY_TRY(const auto header, read_header(file->bytes(), header_size));
  const auto data = file->bytes().subspan(kLengthBytes + header_size);
  Tensors read;
  for (const auto& [name, entry] : header.members()) {
    if (name == kMetadata) {
      for (const auto& [key, value] : entry.members()) read.metadata[key] = std::string(value.as_string());
      continue;
    }
    if (read.has(name)) return corrupt(fmt::format("array \"{}\" is there twice", name));
    ZY_TRY(auto tensor, read_entry(entry, data, file).in(fmt::format("array \"{}\"", name)));
    read.put(name, std::move(tensor));
  }
  ZY_CHECK_OK(check_overlaps(read.all()));
  return read;
}

}  // namespace

std::size_t bytes_per_element(DType dtype) { return row_of(dtype).bytes; }
std::string_view dtype_name(DType dtype) { return row_of(dtype).name; }

Tensor::Tensor(DType dtype, std::vector<std::size_t> shape, std::span<const std::byte> bytes,
               std::shared_ptr<const void> owner)
    : dtype_(dtype), shape_(std::move(shape)), bytes_(bytes), owner_(std::move(owner)) {
  assert(size() * bytes_per_element(dtype) == bytes_.size());
}

std::size_t Tensor::size() const { return product(shape_).value(); }

Result<Tensor> Tensors::get(std::string_view name, DType dtype, std::span<const std::size_t> shape) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return corrupt(fmt::format("array \"{}\" is missing", name));
  const auto& tensor = found->second;
  const bool fits =
      std::ranges::equal(tensor.shape(), shape, [](auto has, auto want) { return want == 0 || has == want; });
  if (tensor.dtype() != dtype || !fits) {
    return corrupt(fmt::format("array \"{}\" is {} [{}], {} [{}] is needed (0: any)", name, dtype_name(tensor.dtype()),
                               fmt::join(tensor.shape(), ", "), dtype_name(dtype), fmt::join(shape, ", ")));
  }
  if (!all_finite(tensor)) return corrupt(fmt::format("array \"{}\" holds NaN or infinity", name));
  return tensor;
}

Result<void> Tensors::save(const fs::path& path) const {
  auto header = Json::object();
  if (!metadata.empty()) {
    auto texts = Json::object();
    for (const auto& [key, value] : metadata) texts.set(key, value);
    header.set(std::string(kMetadata), std::move(texts));
  }
  // Widest elements first, so that each array starts aligned to its own elements.
  std::vector<const std::pair<const std::string, Tensor>*> order;
  for (const auto& entry : tensors_) order.push_back(&entry);
  std::ranges::stable_sort(order, std::greater<>{},
                           [](const auto* entry) { return bytes_per_element(entry->second.dtype()); });

  std::size_t offset = 0;
  for (const auto* entry : order) {
    const auto& [name, tensor] = *entry;
    if (!all_finite(tensor)) return invalid(fmt::format("{}: array \"{}\" holds NaN or infinity", path.string(), name));
    auto shape = Json::array({});
    for (const auto extent : tensor.shape()) shape.push(static_cast<std::int64_t>(extent));
    const auto end = offset + tensor.bytes().size();
    header.set(name, Json::object({{"dtype", dtype_name(tensor.dtype())},
                                   {"shape", std::move(shape)},
                                   {"data_offsets", Json::array({static_cast<std::int64_t>(offset),
                                                                 static_cast<std::int64_t>(end)})}}));
    offset = end;
  }
  auto text = header.dump();
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');

  std::string file;
  file.reserve(kLengthBytes + text.size() + offset);
  const std::uint64_t length = text.size();
  file.append(reinterpret_cast<const char*>(&length), kLengthBytes);
  file += text;
  for (const auto* entry : order) {
    const auto bytes = entry->second.bytes();
    file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return write_file_atomic(path, file);
}

Result<Tensors> Tensors::open(const fs::path& path) {
  ZY_TRY(const auto file, MappedFile::open(path));
  return parse(file).in(path.string());
}

}  // namespace zhiyin
