// A network opened as its description says: every input known by what it holds, one output taken.
//
// What can be checked is checked when it is opened: names, types and shapes of the description against the model's.
// Thread-safe once open.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/embed/onnx/encoder_description.h"
#include "understand/embed/onnx/onnx_session.h"

namespace zhiyin {

class DescribedNetwork {
 public:
  struct Options {
    std::filesystem::path file;
    std::span<const EncoderInput> inputs;  // said of them; the others are known by their usual names
    std::span<const InputRole> roles;      // those that whoever runs it can give
    std::string_view output;               // the model's first where empty
    int threads = 1;
  };
  static Result<DescribedNetwork> open(const Options& options);

  // The first input that holds this, as the model and the description have it together; null where none does.
  [[nodiscard]] const EncoderInput* input(InputRole role) const;

  struct Given {
    InputRole role;
    OnnxArray array;  // converted to the input's type
  };
  // The output. Every input that is not of zeros or ones must be given. The first extent of what is given counts the
  // rows.
  [[nodiscard]] Result<OnnxArray> run(std::vector<Given> given) const;

 private:
  std::unique_ptr<OnnxSession> session_;
  std::vector<EncoderInput> inputs_;
  std::string output_;
};

// One vector for each row of an output. tokens: how many of each row's steps count (cls and none do not ask). Errors: a
// shape that the pooling cannot be done on.
Result<std::vector<float>> pooled(const OnnxArray& output, Pooling pooling, std::span<const std::size_t> tokens);

// Brings every row to unit length; a row of zeros stays.
void normalise_rows(std::span<float> rows, std::size_t dim);

}  // namespace zhiyin
