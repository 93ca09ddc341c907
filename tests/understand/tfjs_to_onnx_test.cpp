// The converter's rules for arrays and arithmetic: tiny models, converted, run, and compared with what NumPy's rules
// give.
#include "understand/embed/onnx/tfjs_to_onnx.h"

#include <gmock/gmock.h>

#include <numbers>

#include "understand/tiny_tfjs.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;
using Shape = std::vector<std::int64_t>;

// to_float turns integers and bools into what the test reads; DT_FLOAT is spelt by name once, to read both spellings.
constexpr const char* kToFloat = R"("DstT":{"type":"DT_FLOAT"})";

struct SliceCase {
  std::vector<std::int32_t> begin, end, stride;
  std::string masks;
  Shape shape;
  std::vector<float> values;
};

TEST(TfjsToOnnx, StridedSliceFollowsItsMasks) {
  const auto mask = [](const std::string& name, int bits) {
    return "\"" + name + R"(":{"i":")" + std::to_string(bits) + "\"}";
  };
  // x = [[0 1 2 3] [4 5 6 7] [8 9 10 11]]
  const std::vector<SliceCase> cases = {
      {{1, 1}, {3, 3}, {1, 1}, "", {2, 2}, {5, 6, 9, 10}},
      {{0, 1}, {0, 0}, {1, 2}, mask("begin_mask", 1) + "," + mask("end_mask", 3), {3, 2}, {1, 3, 5, 7, 9, 11}},
      {{-1}, {0}, {1}, mask("shrink_axis_mask", 1), {4}, {8, 9, 10, 11}},
      {{0, 2},
       {0, 0},
       {1, 1},
       mask("begin_mask", 1) + "," + mask("end_mask", 1) + "," + mask("shrink_axis_mask", 2),
       {3},
       {2, 6, 10}},
      {{0, 0},
       {0, 0},
       {-1, 1},
       mask("begin_mask", 3) + "," + mask("end_mask", 3),
       {3, 4},
       {8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3}},
      {{0, 0, 1}, {0, 0, 2}, {1, 1, 1}, mask("shrink_axis_mask", 1) + "," + mask("new_axis_mask", 2), {1, 1}, {1}},
  };
  for (const auto& slice : cases) {
    TinyTfjs model;
    const auto count = static_cast<std::int64_t>(slice.begin.size());
    model.input("x")
        .integers("b", {count}, slice.begin)
        .integers("e", {count}, slice.end)
        .integers("s", {count}, slice.stride);
    model.node("out", "StridedSlice", {"x", "b", "e", "s"}, slice.masks);
    const auto out = run_one(model, {float_input("x", {3, 4}, counting(12))});
    EXPECT_EQ(out.shape, slice.shape) << slice.masks;
    EXPECT_EQ(out.floats(), slice.values) << slice.masks;
  }
}

TEST(TfjsToOnnx, MatMulTransposesEitherOperand) {
  for (const bool left : {false, true}) {
    for (const bool right : {false, true}) {
      const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
      TinyTfjs model;
      model.input("a").floats("b", right ? Shape{4, 3} : Shape{3, 4}, counting(12, -5));
      model.node("out", "MatMul", {"a", "b"},
                 R"("transpose_a":{"b":)" + flag(left) + R"(},"transpose_b":{"b":)" + flag(right) + "}");
      const auto a = counting(6, 1);
      const auto out = run_one(model, {float_input("a", left ? Shape{3, 2} : Shape{2, 3}, a)});
      ASSERT_EQ(out.shape, (Shape{2, 4}));
      for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t j = 0; j < 4; ++j) {
          float sum = 0;
          for (std::size_t k = 0; k < 3; ++k) {
            sum += a[left ? k * 2 + i : i * 3 + k] * (static_cast<float>(right ? j * 3 + k : k * 4 + j) - 5);
          }
          EXPECT_FLOAT_EQ(out.floats()[i * 4 + j], sum);
        }
      }
    }
  }
}

TEST(TfjsToOnnx, BatchMatMulKnowsTheRankOfWhatWasTransposed) {
  TinyTfjs model;
  model.input("a").input("b").integers("perm", {3}, {0, 1, 2}).node("t", "Transpose", {"b", "perm"});
  model.node("out", "BatchMatMul", {"a", "t"}, R"("adj_x":{"b":false},"adj_y":{"b":true})");
  const auto out =
      run_one(model, {float_input("a", {2, 1, 2}, {1, 2, 3, 4}), float_input("b", {2, 1, 2}, {5, 6, 7, 8})});
  EXPECT_EQ(out.shape, (Shape{2, 1, 1}));
  EXPECT_THAT(out.floats(), ElementsAre(17, 53));
}

TEST(TfjsToOnnx, WhereGathersAndScattersGiveBackWhatTheyTook) {
  TinyTfjs model;  // keeps what is greater than 2 in its place, by way of its indices
  model.input("x").floats("two", {}, {2}).node("big", "Greater", {"x", "two"}).node("at", "Where", {"big"});
  model.node("values", "GatherNd", {"x", "at"}).node("shape", "Shape", {"x"});
  model.node("out", "ScatterNd", {"at", "values", "shape"}, R"("T":{"type":1})");
  const auto out = run_one(model, {float_input("x", {2, 3}, {1, 5, 2, 3, 0, 9})});
  EXPECT_EQ(out.shape, (Shape{2, 3}));
  EXPECT_THAT(out.floats(), ElementsAre(0, 5, 0, 3, 0, 9));
}

TEST(TfjsToOnnx, SparseToDenseFillsTheRestWithItsDefault) {
  TinyTfjs model;
  model.input("i", "9").integers("shape", {2}, {2, 3}).integers("v", {2}, {7, 8}).integers("d", {}, {-1});
  model.node("dense", "SparseToDense", {"i", "shape", "v", "d"}).node("out", "Cast", {"dense"}, kToFloat);
  const auto out = run_one(model, {{"i", {{2, 2}, std::vector<std::int64_t>{0, 1, 1, 2}}}});
  EXPECT_THAT(out.floats(), ElementsAre(-1, 7, -1, -1, -1, 8));
}

TEST(TfjsToOnnx, PackGatherConcatAndReshapeMoveValues) {
  TinyTfjs model;
  model.input("x")
      .integers("rows", {3}, {2, 0, 2})
      .integers("axis", {}, {0})
      .node("g", "GatherV2", {"x", "rows", "axis"});
  model.node("p", "Pack", {"g", "g"}, R"("axis":{"i":"1"},"N":{"i":"2"})");    // [3, 2, 2]
  model.integers("last", {}, {-1}).node("c", "ConcatV2", {"p", "p", "last"});  // [3, 2, 4]
  model.integers("flat", {2}, {-1, 8}).node("out", "Reshape", {"c", "flat"});
  const auto out = run_one(model, {float_input("x", {3, 2}, counting(6))});
  EXPECT_EQ(out.shape, (Shape{3, 8}));
  EXPECT_THAT(out.floats(), ElementsAre(4, 5, 4, 5, 4, 5, 4, 5, 0, 1, 0, 1, 0, 1, 0, 1, 4, 5, 4, 5, 4, 5, 4, 5));
}

TEST(TfjsToOnnx, SplitsHaveSeveralOutputsAndSlicesGoToTheEnd) {
  TinyTfjs model;
  model.input("x").integers("sizes", {2}, {1, 3}).integers("axis", {}, {1});
  model.node("s", "SplitV", {"x", "sizes", "axis"}, R"("num_split":{"i":"2"})");
  model.integers("begin", {2}, {0, 1}).integers("size", {2}, {1, -1}).node("out", "Slice", {"s:1", "begin", "size"});
  const auto out = run_one(model, {float_input("x", {2, 4}, counting(8))});
  EXPECT_EQ(out.shape, (Shape{1, 2}));
  EXPECT_THAT(out.floats(), ElementsAre(2, 3));
}

TEST(TfjsToOnnx, ReductionsTakeAxesAndKeepThemOnRequest) {
  for (const auto& [op, expected] : std::vector<std::pair<std::string, std::vector<float>>>{
           {"Sum", {6, 15}}, {"Mean", {2, 5}}, {"Max", {3, 6}}, {"Min", {1, 4}}, {"Prod", {6, 120}}}) {
    TinyTfjs model;
    model.input("x").integers("axis", {1}, {-1}).node("out", op, {"x", "axis"}, R"("keep_dims":{"b":true})");
    const auto out = run_one(model, {float_input("x", {2, 3}, counting(6, 1))});
    EXPECT_EQ(out.shape, (Shape{2, 1})) << op;
    EXPECT_EQ(out.floats(), expected) << op;
  }
}

TEST(TfjsToOnnx, ElementwiseOpsOfSeveralNodesAreThoseOfTensorFlow) {
  const float e = std::numbers::e_v<float>;
  const auto apply = [](const std::string& op, std::vector<float> x) {
    TinyTfjs model;
    model.input("x").node("out", op, {"x"});
    const auto count = static_cast<std::int64_t>(x.size());
    return run_one(model, {float_input("x", {count}, std::move(x))}).floats();
  };
  EXPECT_THAT(apply("Square", {-3, 2}), ElementsAre(9, 4));
  EXPECT_THAT(apply("Rsqrt", {4, 0.25F}), Pointwise(FloatNear(1e-6F), {0.5F, 2.0F}));
  EXPECT_THAT(apply("Relu6", {-1, 3, 9}), ElementsAre(0, 3, 6));
  EXPECT_THAT(apply("LeakyRelu", {-1, 3}), Pointwise(FloatNear(1e-6F), {-0.2F, 3.0F}));
  EXPECT_THAT(apply("Softmax", {0, 1}), Pointwise(FloatNear(1e-6F), {1 / (1 + e), e / (1 + e)}));

  TinyTfjs model;
  model.input("x").floats("y", {2}, {0, 2}).node("out", "DivNoNan", {"x", "y"});
  EXPECT_THAT(run_one(model, {float_input("x", {2}, {5, 5})}).floats(), ElementsAre(0, 2.5F));
}

TEST(TfjsToOnnx, QuantisedWeightsAreWidened) {
  TinyTfjs model;
  const std::uint16_t halves[] = {0x3c00, 0xc000, 0x0001, 0x7bff};  // 1, -2, 2^-24, 65504
  model.constant("h", "float32", {4}, {reinterpret_cast<const char*>(halves), 8}, Json::object({{"dtype", "float16"}}));
  model.constant("q", "float32", {4}, {"\x00\x01\x02\xff", 4},
                 Json::object({{"dtype", "uint8"}, {"scale", 0.5}, {"min", -1.0}}));
  const auto read = model.read();
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_THAT(read->weights.at("h").floats(), ElementsAre(1, -2, 0x1p-24F, 65504));
  EXPECT_THAT(read->weights.at("q").floats(), ElementsAre(-1, -0.5F, 0, 126.5F));
}

TEST(TfjsToOnnx, ErrorsNameTheNodeAndItsOp) {
  const auto message = [](const TinyTfjs& model) {
    const auto onnx = model.convert({"out"});
    return onnx.ok() ? std::string("no error") : onnx.error().message;
  };
  TinyTfjs unknown;
  unknown.input("x").node("out", "Bessel", {"x"});
  EXPECT_THAT(message(unknown), HasSubstr("Bessel 'out'"));
  TinyTfjs attribute;
  attribute.input("x").node("out", "Relu", {"x"}, R"("temperature":{"f":2})");
  EXPECT_THAT(message(attribute), testing::AllOf(HasSubstr("Relu 'out'"), HasSubstr("temperature")));
  TinyTfjs computed;
  computed.input("x").input("axes", "3").node("out", "Transpose", {"x", "axes"});
  EXPECT_THAT(message(computed), testing::AllOf(HasSubstr("Transpose 'out'"), HasSubstr("constant")));
  TinyTfjs cycle;
  cycle.node("a", "Relu", {"out"}).node("out", "Relu", {"a"});
  EXPECT_THAT(message(cycle), HasSubstr("cycle"));
  TinyTfjs dangling;
  dangling.node("out", "Relu", {"nowhere"});
  EXPECT_THAT(message(dangling), HasSubstr("'nowhere'"));
}

TEST(TfjsToOnnx, ShardsThatDoNotFitTheirWeightsAreRefused) {
  TinyTfjs shorter, longer;
  shorter.floats("w", {2}, {1, 2}).truncate_shard();
  longer.floats("w", {2}, {1, 2}).lengthen_shard();
  EXPECT_THAT(shorter.read().error().message, HasSubstr("weight 'w'"));
  EXPECT_THAT(longer.read().error().message, HasSubstr("belong to no weight"));
  TinyTfjs huge;
  huge.floats("w", {std::int64_t{1} << 40U, std::int64_t{1} << 40U}, {});
  EXPECT_THAT(huge.read().error().message, HasSubstr("shape"));
}

}  // namespace
}  // namespace zhiyin
