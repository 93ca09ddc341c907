// A neural network ready to run: ONNX Runtime on the CPU, behind our own words.
//
// Thread-safe: run() may be called from any threads at once; the work of one call stays on its thread unless more
// threads are asked for (run several items at a time rather than one item on several threads). No thread spins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace zhiyin {

// Row-major; the product of shape is the number of values.
struct OnnxArray {
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<std::int64_t>, std::vector<std::int32_t>> values;

  [[nodiscard]] const std::vector<float>& floats() const { return std::get<0>(values); }
  [[nodiscard]] const std::vector<std::int64_t>& integers() const { return std::get<1>(values); }
};

struct OnnxInput {
  std::string name;
  OnnxArray array;
};

enum class OnnxElement { kFloat, kInt64, kInt32, kOther };

// What a model says of one of its inputs or outputs.
struct OnnxPort {
  std::string name;
  OnnxElement element = OnnxElement::kOther;
  std::vector<std::int64_t> shape;  // -1 where it may be any; empty also where the model does not say
};

class OnnxSession {
 public:
  struct Options {
    int threads = 1;  // of one run()
  };

  // Loads and optimises: 0.1 to 1 s for models of tens of megabytes. Errors name the file and carry ONNX Runtime's
  // words.
  static Result<std::unique_ptr<OnnxSession>> open(const std::filesystem::path& file, const Options& options);
  static Result<std::unique_ptr<OnnxSession>> open(const std::filesystem::path& file) { return open(file, Options()); }
  // From memory; the bytes are not kept.
  static Result<std::unique_ptr<OnnxSession>> from_bytes(std::string_view model, const Options& options);
  static Result<std::unique_ptr<OnnxSession>> from_bytes(std::string_view model) {
    return from_bytes(model, Options());
  }
  ~OnnxSession();

  [[nodiscard]] const std::vector<std::string>& inputs() const;
  [[nodiscard]] const std::vector<std::string>& outputs() const;
  [[nodiscard]] const std::vector<OnnxPort>& input_ports() const;  // in the order of inputs()

  // The named outputs, in that order; all of the model's where no name is given. Outputs of float32 and int64 are
  // supported. Errors: a name, shape or type that the model does not have (kInvalid), or a failed run (kInternal).
  [[nodiscard]] Result<std::vector<OnnxArray>> run(std::span<const OnnxInput> inputs,
                                                   std::span<const std::string> outputs = {}) const;

 private:
  struct Impl;
  explicit OnnxSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zhiyin
