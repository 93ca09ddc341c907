#include "understand/embed/onnx/described_network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"

namespace zhiyin {
namespace {

std::string_view name_of(OnnxElement element) {
  switch (element) {
    case OnnxElement::kFloat: return "float32";
    case OnnxElement::kInt64: return "int64";
    case OnnxElement::kInt32: return "int32";
    case OnnxElement::kOther: break;
  }
  return "a type that is not supported (float32, int64 and int32 are)";
}

std::string words_of(std::span<const std::int64_t> shape) {
  std::vector<std::string> extents;
  for (const auto extent : shape) extents.push_back(extent < 0 ? "any" : std::to_string(extent));
  return fmt::format("[{}]", fmt::join(extents, ", "));
}

// The model's port and what is said of it, as one.
Result<EncoderInput> joined(const OnnxPort& port, const EncoderInput* said, std::span<const InputRole> roles) {
  EncoderInput input;
  if (said != nullptr) {
    input = *said;
  } else if (const auto usual = usual_role(port.name)) {
    input = {port.name, *usual, {}, {}};
  } else {
    return invalid(
        fmt::format("the model wants an input \"{}\": say what it holds, [[encoder.input]] name = \"{}\", holds = ...",
                    port.name, port.name));
  }
  const bool constant = input.role == InputRole::kZeros || input.role == InputRole::kOnes;
  if (!constant && std::ranges::find(roles, input.role) == roles.end()) {
    return invalid(
        fmt::format("input \"{}\" holds what this modality does not have; if it does not matter here, "
                    "describe it with holds = \"zeros\" and its shape",
                    port.name));
  }
  if (port.element == OnnxElement::kOther)
    return invalid(fmt::format("input \"{}\" is of {}", port.name, name_of(port.element)));
  if (input.type && *input.type != port.element) {
    return invalid(
        fmt::format("input \"{}\" is {} in the model, not {}", port.name, name_of(port.element), name_of(*input.type)));
  }
  input.type = port.element;
  if (input.shape.empty()) input.shape = port.shape;
  bool fits = port.shape.empty() || input.shape.size() == port.shape.size();
  for (std::size_t i = 0; fits && i < port.shape.size(); ++i) {
    if (input.shape[i] < 0) input.shape[i] = port.shape[i];
    fits = port.shape[i] < 0 || port.shape[i] == input.shape[i];
  }
  if (!fits) {
    return invalid(fmt::format("input \"{}\" has the shape {} in the model, not {}", port.name, words_of(port.shape),
                               words_of(input.shape)));
  }
  return input;
}

OnnxArray converted(OnnxArray array, OnnxElement type) {
  const OnnxElement has = array.values.index() == 0   ? OnnxElement::kFloat
                          : array.values.index() == 1 ? OnnxElement::kInt64
                                                      : OnnxElement::kInt32;
  if (has == type) return array;
  return std::visit(
      [&](const auto& values) -> OnnxArray {
        switch (type) {
          case OnnxElement::kInt64: return {array.shape, std::vector<std::int64_t>(values.begin(), values.end())};
          case OnnxElement::kInt32: return {array.shape, std::vector<std::int32_t>(values.begin(), values.end())};
          default: return {array.shape, std::vector<float>(values.begin(), values.end())};
        }
      },
      array.values);
}

}  // namespace

Result<DescribedNetwork> DescribedNetwork::open(const Options& options) {
  const auto where = options.file.string();
  DescribedNetwork network;
  ZY_TRY(network.session_, OnnxSession::open(options.file, {.threads = options.threads}));
  const auto& ports = network.session_->input_ports();
  for (const auto& said : options.inputs) {
    if (std::ranges::find(ports, said.name, &OnnxPort::name) != ports.end()) continue;
    return invalid(fmt::format("{}: the model has no input \"{}\"; the nearest is \"{}\"", where, said.name,
                               nearest_name(said.name, network.session_->inputs())));
  }
  for (const auto& port : ports) {
    const auto said = std::ranges::find(options.inputs, port.name, &EncoderInput::name);
    ZY_TRY(auto input, joined(port, said == options.inputs.end() ? nullptr : &*said, options.roles).in(where));
    network.inputs_.push_back(std::move(input));
  }
  const auto& outputs = network.session_->outputs();
  network.output_ = options.output.empty() && !outputs.empty() ? outputs.front() : std::string(options.output);
  if (std::ranges::find(outputs, network.output_) == outputs.end()) {
    return invalid(fmt::format("{}: the model has no output \"{}\"; the nearest is \"{}\"", where, network.output_,
                               nearest_name(network.output_, outputs)));
  }
  return network;
}

const EncoderInput* DescribedNetwork::input(InputRole role) const {
  const auto found = std::ranges::find(inputs_, role, &EncoderInput::role);
  return found == inputs_.end() ? nullptr : &*found;
}

Result<OnnxArray> DescribedNetwork::run(std::vector<Given> given) const {
  const std::int64_t rows = given.empty() || given[0].array.shape.empty() ? 1 : given[0].array.shape[0];
  std::vector<OnnxInput> inputs;
  for (const auto& input : inputs_) {
    const auto found = std::ranges::find(given, input.role, &Given::role);
    if (found != given.end()) {
      inputs.push_back({input.name, converted(std::move(found->array), *input.type)});
      continue;
    }
    if (input.role != InputRole::kZeros && input.role != InputRole::kOnes) {
      return internal(fmt::format("nothing was given for input \"{}\"", input.name));
    }
    OnnxArray constant{input.shape, {}};
    if (constant.shape[0] < 0) constant.shape[0] = rows;
    for (auto& extent : constant.shape) extent = std::max<std::int64_t>(extent, 1);
    const auto count =
        std::accumulate(constant.shape.begin(), constant.shape.end(), std::int64_t{1}, std::multiplies<>());
    constant.values = std::vector<float>(static_cast<std::size_t>(count), input.role == InputRole::kOnes ? 1.0F : 0.0F);
    inputs.push_back({input.name, converted(std::move(constant), *input.type)});
  }
  ZY_TRY(auto outputs, session_->run(inputs, {&output_, 1}));
  return std::move(outputs[0]);
}

Result<std::vector<float>> pooled(const OnnxArray& output, Pooling pooling, std::span<const std::size_t> tokens) {
  if (!std::holds_alternative<std::vector<float>>(output.values)) return invalid("the output is not of float32");
  const auto& values = output.floats();
  const auto rows = output.shape.empty() ? 0 : static_cast<std::size_t>(output.shape[0]);
  if (rows == 0 || rows != tokens.size()) {
    return invalid(fmt::format("the output of shape {} is not one row for each of {} inputs", words_of(output.shape),
                               tokens.size()));
  }
  if (pooling == Pooling::kNone) {
    if (output.shape.size() < 2 ||
        std::ranges::count_if(output.shape.begin() + 1, output.shape.end(), [](auto e) { return e != 1; }) > 1) {
      return invalid(
          fmt::format("the output of shape {} is not one vector each: say pooling = \"mean\", \"cls\" or \"last\"",
                      words_of(output.shape)));
    }
    return values;
  }
  if (output.shape.size() != 3) {
    return invalid(fmt::format(
        "the output of shape {} has no steps to pool: [rows, steps, numbers] is expected; say pooling = \"none\"",
        words_of(output.shape)));
  }
  const auto steps = static_cast<std::size_t>(output.shape[1]);
  const auto dim = static_cast<std::size_t>(output.shape[2]);
  std::vector<float> vectors(rows * dim, 0.0F);
  for (std::size_t row = 0; row < rows && steps > 0; ++row) {
    const auto count = std::clamp<std::size_t>(tokens[row], 1, steps);
    const auto first = pooling == Pooling::kLast ? count - 1 : 0;
    const auto last = pooling == Pooling::kCls ? 1 : count;
    for (std::size_t step = first; step < last; ++step) {
      for (std::size_t k = 0; k < dim; ++k) vectors[row * dim + k] += values[(row * steps + step) * dim + k];
    }
    for (std::size_t k = 0; k < dim; ++k) vectors[row * dim + k] /= static_cast<float>(last - first);
  }
  return vectors;
}

void normalise_rows(std::span<float> rows, std::size_t dim) {
  for (std::size_t begin = 0; begin + dim <= rows.size(); begin += dim) {
    double squares = 0;
    for (const float value : rows.subspan(begin, dim)) squares += double{value} * value;
    if (squares == 0) continue;
    const auto factor = static_cast<float>(1 / std::sqrt(squares));
    for (float& value : rows.subspan(begin, dim)) value *= factor;
  }
}

}  // namespace zhiyin
