// A TensorFlow.js graph model written by a test: a few nodes and constants, saved, read, converted and run.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "support/temporary_folder.h"
#include "understand/embed/onnx/onnx_session.h"
#include "understand/embed/onnx/tfjs_to_onnx.h"

namespace zhiyin {

class TinyTfjs {
 public:
  using Shape = std::vector<std::int64_t>;

  // attributes: JSON members without braces, e.g. R"("keep_dims":{"b":true})".
  TinyTfjs& node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                 const std::string& attributes = "") {
    auto json = Json::object({{"name", name}, {"op", op}, {"input", Json::array()}});
    for (const auto& input : inputs) inputs_of(json, input);
    json.set("attr", Json::parse("{" + attributes + "}").value());
    nodes_.push(std::move(json));
    return *this;
  }
  TinyTfjs& input(const std::string& name, const std::string& dtype = "1") {
    return node(name, "Placeholder", {}, R"("dtype":{"type":)" + dtype + R"(},"shape":{"shape":{"unknownRank":true}})");
  }
  TinyTfjs& floats(const std::string& name, const Shape& shape, const std::vector<float>& values) {
    return constant(name, "float32", shape, {reinterpret_cast<const char*>(values.data()), values.size() * 4});
  }
  TinyTfjs& integers(const std::string& name, const Shape& shape, const std::vector<std::int32_t>& values) {
    return constant(name, "int32", shape, {reinterpret_cast<const char*>(values.data()), values.size() * 4});
  }
  // Stored bytes as they are, e.g. quantised ones.
  TinyTfjs& constant(const std::string& name, const std::string& dtype, const Shape& shape, std::string_view bytes,
                     Json quantisation = nullptr) {
    auto weight = Json::object({{"name", name}, {"dtype", dtype}, {"shape", Json::array()}});
    auto extents = Json::array();
    for (const auto extent : shape) extents.push(extent);
    weight.set("shape", std::move(extents));
    if (!quantisation.is_null()) weight.set("quantization", std::move(quantisation));
    weights_.push(std::move(weight));
    shard_ += bytes;
    return node(name, "Const", {});
  }

  [[nodiscard]] Result<TfjsModel> read() const {
    const auto group = Json::object({{"paths", Json::array({"shard"})}, {"weights", weights_}});
    const auto model =
        Json::object({{"modelTopology", Json::object({{"node", nodes_}})}, {"weightsManifest", Json::array({group})}});
    ZY_CHECK_OK(write_file_atomic(folder_ / "model.json", model.dump()));
    ZY_CHECK_OK(write_file_atomic(folder_ / "shard", shard_));
    return read_tfjs(folder_ / "model.json");
  }
  [[nodiscard]] Result<OnnxModel> convert(const std::vector<std::string>& outputs) const {
    ZY_TRY(const auto model, read());
    return tfjs_to_onnx(model, {.name = "tiny", .outputs = outputs});
  }
  // The outputs, all of float32.
  [[nodiscard]] Result<std::vector<OnnxArray>> run(const std::vector<OnnxInput>& inputs,
                                                   const std::vector<std::string>& outputs) const {
    ZY_TRY(const auto onnx, convert(outputs));
    ZY_TRY(const auto session, OnnxSession::from_bytes(onnx.serialize()));
    return session->run(inputs);
  }
  void truncate_shard() { shard_.pop_back(); }
  void lengthen_shard() { shard_ += '\0'; }

 private:
  static void inputs_of(Json& node, const std::string& input) {
    auto inputs = node["input"];
    inputs.push(input);
    node.set("input", std::move(inputs));
  }
  TemporaryFolder folder_;
  Json nodes_ = Json::array();
  Json weights_ = Json::array();
  std::string shard_;
};

// The one output of a model, or a test failure.
inline OnnxArray run_one(const TinyTfjs& model, const std::vector<OnnxInput>& inputs,
                         const std::string& output = "out") {
  auto arrays = model.run(inputs, {output});
  EXPECT_TRUE(arrays.ok()) << arrays.error().message;
  return arrays.ok() ? std::move((*arrays)[0]) : OnnxArray{};
}

inline OnnxInput float_input(std::string name, std::vector<std::int64_t> shape, std::vector<float> values) {
  return {std::move(name), {std::move(shape), std::move(values)}};
}

// first, first + 1, ...
inline std::vector<float> counting(std::size_t count, float first = 0) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = first + static_cast<float>(i);
  return values;
}

}  // namespace zhiyin
