#include "understand/embed/onnx/onnx_session.h"

#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>

#include <functional>
#include <numeric>

#include "base/file.h"

namespace zhiyin {
namespace {

// One for the process. ONNX Runtime's own log stays silent below errors: what matters comes back as an Error.
Ort::Env& environment() {
  static Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "zhiyin");
  return env;
}

Ort::SessionOptions session_options(const OnnxSession::Options& options) {
  Ort::SessionOptions session;
  session.SetIntraOpNumThreads(options.threads);
  session.SetInterOpNumThreads(1);
  session.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  session.AddConfigEntry("session.intra_op.allow_spinning", "0");
  session.DisableMemPattern();  // a pattern is kept for each shape, and texts come in many shapes
  return session;
}

Ort::Value to_value(const OnnxArray& array, const Ort::MemoryInfo& memory) {
  return std::visit(
      [&](const auto& values) {
        using T = typename std::decay_t<decltype(values)>::value_type;
        // ONNX Runtime reads inputs only; its interface lacks the const.
        return Ort::Value::CreateTensor<T>(memory, const_cast<T*>(values.data()), values.size(), array.shape.data(),
                                           array.shape.size());
      },
      array.values);
}

Result<OnnxArray> to_array(const Ort::Value& value, std::string_view name) {
  const auto info = value.GetTensorTypeAndShapeInfo();
  const auto count = info.GetElementCount();
  OnnxArray array{.shape = info.GetShape()};
  switch (info.GetElementType()) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT: {
      const auto* data = value.GetTensorData<float>();
      array.values = std::vector<float>(data, data + count);
      return array;
    }
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64: {
      const auto* data = value.GetTensorData<std::int64_t>();
      array.values = std::vector<std::int64_t>(data, data + count);
      return array;
    }
    default: return invalid(fmt::format("output '{}' is neither float32 nor int64", name));
  }
}

OnnxElement element_of(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT: return OnnxElement::kFloat;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64: return OnnxElement::kInt64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32: return OnnxElement::kInt32;
    default: return OnnxElement::kOther;
  }
}

OnnxPort port_of(std::string name, const Ort::TypeInfo& type) {
  OnnxPort port{std::move(name), OnnxElement::kOther, {}};
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) return port;
  const auto tensor = type.GetTensorTypeAndShapeInfo();
  port.element = element_of(tensor.GetElementType());
  port.shape = tensor.GetShape();
  return port;
}

Result<void> check_shape(const OnnxInput& input) {
  const auto count =
      std::accumulate(input.array.shape.begin(), input.array.shape.end(), std::int64_t{1}, std::multiplies<>());
  const auto size = std::visit([](const auto& values) { return values.size(); }, input.array.values);
  if (count >= 0 && static_cast<std::size_t>(count) == size) return {};
  return invalid(fmt::format("input '{}': {} values do not fill its shape of {}", input.name, size, count));
}

}  // namespace

struct OnnxSession::Impl {
  explicit Impl(std::string_view model, const Options& options)
      : session(environment(), model.data(), model.size(), session_options(options)) {
    const Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
      inputs.emplace_back(session.GetInputNameAllocated(i, allocator).get());
      input_ports.push_back(port_of(inputs.back(), session.GetInputTypeInfo(i)));
    }
    for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
      outputs.emplace_back(session.GetOutputNameAllocated(i, allocator).get());
    }
  }

  mutable Ort::Session session;  // Run is thread-safe, but not const
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<OnnxPort> input_ports;
};

OnnxSession::OnnxSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OnnxSession::~OnnxSession() = default;

const std::vector<std::string>& OnnxSession::inputs() const { return impl_->inputs; }
const std::vector<std::string>& OnnxSession::outputs() const { return impl_->outputs; }
const std::vector<OnnxPort>& OnnxSession::input_ports() const { return impl_->input_ports; }

Result<std::unique_ptr<OnnxSession>> OnnxSession::open(const std::filesystem::path& file, const Options& options) {
  ZY_TRY(const auto map, MappedFile::open(file));
  const auto bytes = map->bytes();
  return from_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, options).in(file.string());
}

Result<std::unique_ptr<OnnxSession>> OnnxSession::from_bytes(std::string_view model, const Options& options) {
  try {
    return std::unique_ptr<OnnxSession>(new OnnxSession(std::make_unique<Impl>(model, options)));
  } catch (const Ort::Exception& exception) {
    return invalid(fmt::format("ONNX Runtime cannot load this model: {}", exception.what()));
  }
}

Result<std::vector<OnnxArray>> OnnxSession::run(std::span<const OnnxInput> inputs,
                                                std::span<const std::string> outputs) const {
  if (outputs.empty()) outputs = impl_->outputs;
  std::vector<const char*> input_names, output_names;
  for (const auto& name : outputs) output_names.push_back(name.c_str());
  std::vector<OnnxArray> arrays;
  try {
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    std::vector<Ort::Value> values;
    for (const auto& input : inputs) {
      ZY_CHECK_OK(check_shape(input));
      input_names.push_back(input.name.c_str());
      values.push_back(to_value(input.array, memory));
    }
    const auto results = impl_->session.Run(Ort::RunOptions(), input_names.data(), values.data(), values.size(),
                                            output_names.data(), output_names.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      ZY_TRY(auto array, to_array(results[i], outputs[i]));
      arrays.push_back(std::move(array));
    }
  } catch (const Ort::Exception& exception) {
    const bool callers_fault = exception.GetOrtErrorCode() == ORT_INVALID_ARGUMENT;
    return Error{callers_fault ? ErrorCode::kInvalid : ErrorCode::kInternal,
                 fmt::format("ONNX Runtime: {}", exception.what()),
                 {}};
  }
  return arrays;
}

}  // namespace zhiyin
