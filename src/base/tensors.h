// Named arrays in a safetensors file (8-byte header length, JSON header, raw little-endian data), which numpy and
// PyTorch open as it is. Reading maps the file: a view costs no copy and keeps the map alive.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"

namespace zhiyin {

enum class DType { kF32, kF16, kI8, kU8, kI32, kI64, kU32 };

std::size_t bytes_per_element(DType dtype);
std::string_view dtype_name(DType dtype);  // as safetensors spells it: "F32"

// The element type of a C++ type. float16 has none: read its bytes.
template <typename T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return DType::kF32;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return DType::kI8;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return DType::kU8;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return DType::kI32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return DType::kI64;
  else {
    static_assert(std::is_same_v<T, std::uint32_t>, "no tensor holds this type");
    return DType::kU32;
  }
}

// One array: shape, element type, and bytes that somebody owns. Copying copies the reference, not the data.
class Tensor {
 public:
  Tensor() = default;

  // Copies the values. The product of shape must equal values.size().
  template <typename T>
  static Tensor from(std::vector<std::size_t> shape, std::span<const T> values) {
    return adopt(std::move(shape), std::vector<T>(values.begin(), values.end()));
  }

  // Takes the values over without a copy.
  template <typename T>
  static Tensor adopt(std::vector<std::size_t> shape, std::vector<T> values) {
    auto owner = std::make_shared<const std::vector<T>>(std::move(values));
    return {dtype_of<T>(), std::move(shape), std::as_bytes(std::span(*owner)), owner};
  }

  // Shares bytes that `owner` keeps alive. Their number must fit the shape, their address the element type.
  Tensor(DType dtype, std::vector<std::size_t> shape, std::span<const std::byte> bytes,
         std::shared_ptr<const void> owner);

  [[nodiscard]] DType dtype() const { return dtype_; }
  [[nodiscard]] const std::vector<std::size_t>& shape() const { return shape_; }
  [[nodiscard]] std::size_t size() const;  // number of elements
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  // The elements; the dtype must match (assert). Valid as long as this tensor or a copy lives.
  template <typename T>
  [[nodiscard]] std::span<const T> as() const {
    assert(bytes_.empty() || dtype_ == dtype_of<T>());
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }

 private:
  DType dtype_ = DType::kF32;
  std::vector<std::size_t> shape_;
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
};

class Tensors {
 public:
  void put(std::string name, Tensor tensor) { tensors_[std::move(name)] = std::move(tensor); }

  // A float32 array by name and shape; 0 in `shape` matches any extent. Errors name the array and both shapes.
  // Every value is checked to be finite.
  [[nodiscard]] Result<Tensor> get(std::string_view name, DType dtype, std::span<const std::size_t> shape) const;
  [[nodiscard]] bool has(std::string_view name) const { return tensors_.find(name) != tensors_.end(); }
  [[nodiscard]] const std::map<std::string, Tensor, std::less<>>& all() const { return tensors_; }

  // Free text beside the arrays ("__metadata__").
  std::map<std::string, std::string> metadata;

  // Atomic: the file appears whole or not at all. NaN or infinity in a float array is refused, by name.
  [[nodiscard]] Result<void> save(const std::filesystem::path& path) const;
  // Maps the file and checks header, bounds and overlaps; hostile files give kCorrupt.
  static Result<Tensors> open(const std::filesystem::path& path);

 private:
  std::map<std::string, Tensor, std::less<>> tensors_;
};

// A NumPy .npy file of float16/32/64, C order, as float32.
struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};
Result<NpyArray> read_npy(const std::filesystem::path& path);

}  // namespace zhiyin
