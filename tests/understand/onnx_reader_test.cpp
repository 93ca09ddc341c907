// ONNX files read and written again: the real ones compute what they did, and no bytes do harm.
#include "understand/embed/onnx/onnx_reader.h"

#include <gmock/gmock.h>

#include <numeric>

#include "base/file.h"
#include "base/protobuf.h"
#include "base/random.h"
#include "understand/embed/manifest.h"
#include "understand/embed/onnx/model_edits.h"
#include "understand/embed/onnx/onnx_session.h"
#include "understand/embed/onnx/quantize.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;
using Shape = std::vector<std::int64_t>;

std::vector<float> normal(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  for (auto& value : values) value = random.normal();
  return values;
}

OnnxArray noise(Shape shape, std::uint64_t seed = 7) {
  const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  return {std::move(shape), normal(static_cast<std::size_t>(count), seed)};
}

std::vector<OnnxArray> run(std::string_view model, std::span<const OnnxInput> inputs) {
  const auto session = OnnxSession::from_bytes(model);
  EXPECT_TRUE(session.ok()) << session.error().message;
  if (!session.ok()) return {};
  auto arrays = (*session)->run(inputs);
  EXPECT_TRUE(arrays.ok()) << arrays.error().message;
  return arrays.ok() ? std::move(*arrays) : std::vector<OnnxArray>();
}

OnnxModel read(std::string_view bytes) {
  auto model = read_onnx(bytes);
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? std::move(*model) : OnnxModel();
}

// --- The files of the cache.

struct RealModel {
  const char* file;
  std::vector<OnnxInput> inputs;
  friend std::ostream& operator<<(std::ostream& out, const RealModel& model) { return out << model.file; }
};

const std::vector<RealModel>& real_models() {
  static const std::vector<RealModel> all = {
      {"use-lite/use-lite.onnx",
       {{"indices", {{3, 2}, Shape{0, 0, 0, 1, 0, 2}}}, {"values", {{3}, Shape{17, 4000, 52}}}}},
      {"use-lite/use-lite.int8.onnx",
       {{"indices", {{3, 2}, Shape{0, 0, 0, 1, 0, 2}}}, {"values", {{3}, Shape{17, 4000, 52}}}}},
      {"centernet/centernet.onnx", {{"x", noise({1, 512, 512, 3})}}},
      {"nanodet/nanodet.onnx", {{"x", noise({1, 3, 416, 416})}}},
      {"nsfw/nsfw.onnx", {{"input", noise({1, 224, 224, 3})}}},
      {"ocr/det.onnx", {{"x", noise({1, 3, 96, 160})}}},
      {"ocr/rec.onnx", {{"x", noise({1, 3, 48, 160})}}},
      {"silero-vad/silero_vad_v6.onnx",
       {{"input", noise({1, 576})},
        {"state", {{2, 1, 128}, std::vector<float>(256, 0.0F)}},
        {"sr", {{}, Shape{16000}}}}},
      {"speech-embedding/embedding_model.onnx", {{"input_1", noise({1, 76, 32, 1})}}},
      {"speech-embedding/melspectrogram.onnx", {{"input", noise({1, 12800})}}},
      {"basic-pitch/basic-pitch.onnx", {{"input_2", noise({1, 43844, 1})}}},
  };
  return all;
}

class RealModels : public testing::TestWithParam<RealModel> {};

TEST_P(RealModels, ComputeTheSameAfterReadingAndWriting) {
  const auto path = model_cache() / "models" / GetParam().file;
  const auto bytes = read_file(path);
  if (!bytes.ok()) GTEST_SKIP() << "NOT TESTED: " << path << " is not there; `./run setup` fetches it";
  auto inputs = GetParam().inputs;
  {
    const auto session = OnnxSession::from_bytes(*bytes).value();
    ASSERT_EQ(session->inputs().size(), inputs.size()) << testing::PrintToString(session->inputs());
    if (inputs.size() == 1) inputs[0].name = session->inputs()[0];
  }
  const auto model = read(*bytes);
  const auto written = model.serialize();
  EXPECT_EQ(read(written).serialize(), written) << "a second time changes nothing";
  const auto expected = run(*bytes, inputs);
  const auto found = run(written, inputs);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].shape, expected[i].shape);
    EXPECT_TRUE(found[i].values == expected[i].values) << "output " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(OfTheCache, RealModels, testing::ValuesIn(real_models()), [](const auto& tested) {
  std::string name;
  for (const char c : std::filesystem::path(tested.param.file).stem().string()) name += std::isalnum(c) ? c : '_';
  return name;
});

// --- What a file may hold.

// x [2] -> y = x + c, c a constant in the form that `tensor` writes.
std::string adds(const ProtobufWriter& tensor, bool listed_as_input = false) {
  OnnxModel model{.name = "adds"};
  model.nodes = {{"Add", {"x", "c"}, {"y"}, {}}};
  model.inputs = {{"x", OnnxType::kFloat, {2}}};
  if (listed_as_input) model.ir_version = 3;  // where constants had to be
  if (listed_as_input) model.inputs.push_back({"c", OnnxType::kFloat, {2}});
  model.outputs = {{"y", OnnxType::kFloat, {2}}};
  ProtobufWriter field;
  field.message(5, tensor);
  model.carried_graph = field.take();
  return model.serialize();
}

ProtobufWriter tensor(int type, Shape shape) {
  ProtobufWriter out;
  for (const auto extent : shape) out.integer(1, extent);
  out.integer(2, type);
  out.text(8, "c");
  return out;
}

const std::vector<OnnxInput> kTwoNumbers = {{"x", {{2}, std::vector<float>{1, 2}}}};

TEST(OnnxReader, ReadsConstantsInEveryForm) {
  const std::vector<float> values = {10, 20};
  const std::string raw(reinterpret_cast<const char*>(values.data()), 8);
  auto as_raw = tensor(1, {2});
  as_raw.text(9, raw);
  auto one_by_one = tensor(1, {2});
  for (const float value : values) one_by_one.real(4, value);
  auto packed = tensor(1, {2});
  packed.text(4, raw);
  for (const auto& form : {as_raw, one_by_one, packed}) {
    const auto model = read(adds(form, true));
    ASSERT_EQ(model.initializers.size(), 1U);
    EXPECT_EQ(floats_of(model.initializers[0]), values);
    EXPECT_EQ(model.inputs.size(), 1U) << "a constant does not go in";
    EXPECT_EQ(run(model.serialize(), kTwoNumbers).at(0).floats(), (std::vector<float>{11, 22}));
  }
  auto small = tensor(10, {2});  // halves stand in int32_data
  small.integer(5, 0x3c00);
  small.integer(5, 0xbc00);
  EXPECT_EQ(read(adds(small)).initializers[0].bytes, std::string("\x00\x3c\x00\xbc", 4));
}

TEST(OnnxReader, NamesWhatItCannotKeep) {
  const auto message = [](const std::string& bytes) {
    const auto model = read_onnx(bytes);
    return model.ok() ? std::string("no error") : model.error().message;
  };
  auto outside = tensor(1, {2});
  outside.integer(14, 1);
  EXPECT_THAT(message(adds(outside)), HasSubstr("constant \"c\" is in another file"));
  auto text = tensor(8, {2});
  text.text(6, "word");
  EXPECT_THAT(message(adds(text)), HasSubstr("constant \"c\" is of type 8"));
  auto too_few = tensor(1, {3});
  too_few.real(4, 1);
  EXPECT_THAT(message(adds(too_few)), HasSubstr("constant \"c\": 4 bytes do not fill its shape"));
  EXPECT_THAT(message(""), HasSubstr("no graph of operators"));
  EXPECT_THAT(message("[[encoder]]"), HasSubstr("this ONNX model cannot be read"));
}

// x -> if sum(x) > 0 then x W else x, with W a constant of the graph outside the branch.
OnnxModel branches() {
  const auto branch = [](const OnnxNode& node) {
    OnnxModel inner{.name = "branch"};
    inner.nodes = {node};
    inner.outputs = {{node.outputs[0], OnnxType::kFloat, {-1, 64}}};
    const auto bytes = inner.serialize();  // of it, only the GraphProto
    for (ProtobufReader reader(bytes);;) {
      const auto field = reader.next().value();
      if (field.number == 7) return std::string(field.bytes);
    }
  };
  const auto attribute = [&](const std::string& name, const OnnxNode& node) {
    ProtobufWriter out;
    out.text(1, name);
    out.text(6, branch(node));
    out.integer(20, 5);
    return OnnxAttribute{name, OnnxOpaque{out.take(), {}}};
  };
  OnnxModel model{.name = "branches"};
  const auto weights = normal(64 * 64, 3);
  const float zero = 0;
  model.initializers = {OnnxInitializer::of("w", {64, 64}, std::span<const float>(weights)),
                        OnnxInitializer::of("zero", {}, std::span<const float>(&zero, 1))};
  model.nodes = {{"MatMul", {"x", "w"}, {"h"}, {}},
                 {"ReduceSum", {"x"}, {"sum"}, {{"keepdims", std::int64_t{0}}}},
                 {"Greater", {"sum", "zero"}, {"positive"}, {}},
                 {"If",
                  {"positive"},
                  {"y"},
                  {attribute("then_branch", {"MatMul", {"h", "w"}, {"a"}, {}}),
                   attribute("else_branch", {"Identity", {"x"}, {"b"}, {}})}}};
  model.inputs = {{"x", OnnxType::kFloat, {-1, 64}}};
  model.outputs = {{"y", OnnxType::kFloat, {-1, 64}}};
  return model;
}

TEST(OnnxReader, WhatABranchTakesFromOutsideStaysThere) {
  const auto bytes = branches().serialize();
  auto model = read(bytes);
  EXPECT_THAT(values_taken(model.nodes[3]), testing::IsSupersetOf({"positive", "h", "w", "x"}));
  ASSERT_EQ(quantize(model).products, 1U) << "the one outside";
  drop_dead_nodes(model);
  const OnnxInput input[] = {{"x", {{2, 64}, std::vector<float>(128, 0.5F)}}};
  const auto expected = run(bytes, input).at(0).floats();
  const auto found = run(model.serialize(), input).at(0).floats();
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 0.5);
}

TEST(OnnxReader, ModelsOfOtherOpsetsAreQuantisedToo) {
  OnnxModel model{.name = "layer"};
  const auto weights = normal(64 * 64, 3);
  model.initializers = {OnnxInitializer::of("w", {64, 64}, std::span<const float>(weights))};
  model.nodes = {{"Slice", {"x"}, {"part"}, {{"starts", Shape{0}}, {"ends", Shape{2}}, {"axes", Shape{0}}}},
                 {"MatMul", {"part", "w"}, {"y"}, {}}};
  model.inputs = {{"x", OnnxType::kFloat, {-1, 64}}};
  model.outputs = {{"y", OnnxType::kFloat, {-1, 64}}};
  const OnnxInput input[] = {{"x", noise({3, 64})}};
  model.opsets = {{"", 9}};
  const auto expected = run(model.serialize(), input).at(0).floats();
  EXPECT_EQ(quantize(model).products, 0U) << "too old";
  ASSERT_TRUE(raise_to_opset_10(model).ok());
  EXPECT_EQ(run(model.serialize(), input).at(0).floats(), expected);
  for (const std::int64_t opset : {10, 11, 17, 18, 21}) {
    auto small = read(model.serialize());
    small.opsets = {{"", opset}};
    ASSERT_EQ(quantize(small).products, 1U) << opset;
    const auto found = run(small.serialize(), input).at(0).floats();
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 0.3) << opset;
  }
  model.opsets = {{"", 9}};
  model.nodes.push_back({"TopK", {"y"}, {"best"}, {}});
  EXPECT_THAT(raise_to_opset_10(model).error().message, HasSubstr("TopK"));
}

// Somebody's bytes: every cut and many a flipped byte are an error or another model, never a crash.
TEST(OnnxReader, DamagedBytesDoNoHarm) {
  const auto whole = branches().serialize();
  const auto bytes = whole.substr(whole.size() - 900);  // behind the weights
  const auto head = whole.substr(0, 300);
  for (std::size_t size = 0; size < head.size(); ++size) EXPECT_FALSE(read_onnx(head.substr(0, size)).ok());
  Random random(11);
  std::size_t refused = 0;
  for (int round = 0; round < 2000; ++round) {
    auto damaged = whole;
    for (int i = 0; i < 3; ++i)
      damaged[damaged.size() - 1 - random.below(bytes.size())] = static_cast<char>(random.below(256));
    refused += read_onnx(damaged).ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 200U);
}

}  // namespace
}  // namespace zhiyin
