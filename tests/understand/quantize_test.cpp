// Rewritten models against the ones they were: small random networks, run both ways.
#include "understand/embed/onnx/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "understand/embed/onnx/onnx_session.h"

namespace zhiyin {
namespace {

using Shape = std::vector<std::int64_t>;

std::vector<float> normal(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  for (auto& value : values) value = random.normal();
  return values;
}

OnnxInitializer matrix(const std::string& name, const Shape& shape, std::uint64_t seed) {
  const auto values = normal(static_cast<std::size_t>(shape[0] * shape[1]), seed);
  return OnnxInitializer::of(name, shape, std::span<const float>(values));
}

// x [any, 64] -> y: two products that share x, a bias, and a Gemm of the transposed kind.
OnnxModel two_layers() {
  OnnxModel model{.name = "layers"};
  model.initializers = {matrix("w1", {64, 96}, 1), matrix("w2", {64, 96}, 2), matrix("w3", {80, 96}, 3)};
  const auto bias = normal(80, 4);
  model.initializers.push_back(OnnxInitializer::of("bias", {80}, std::span<const float>(bias)));
  model.nodes = {{"MatMul", {"x", "w1"}, {"a"}, {}},
                 {"MatMul", {"x", "w2"}, {"b"}, {}},
                 {"Mul", {"a", "b"}, {"ab"}, {}},
                 {"Relu", {"ab"}, {"h"}, {}},
                 {"Gemm", {"h", "w3", "bias"}, {"y"}, {{"transB", std::int64_t{1}}}}};
  model.inputs = {{"x", OnnxType::kFloat, {-1, 64}}};
  model.outputs = {{"y", OnnxType::kFloat, {-1, 80}}};
  return model;
}

std::vector<float> run(const OnnxModel& model, const std::string& input, OnnxArray x) {
  const auto session = OnnxSession::from_bytes(model.serialize());
  EXPECT_TRUE(session.ok()) << session.error().message;
  if (!session.ok()) return {};
  const OnnxInput inputs[] = {{input, std::move(x)}};
  auto arrays = (*session)->run(inputs);
  EXPECT_TRUE(arrays.ok()) << arrays.error().message;
  return arrays.ok() ? (*arrays)[0].floats() : std::vector<float>();
}

double cosine(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    ab += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

std::size_t count(const OnnxModel& model, std::string_view op) {
  return static_cast<std::size_t>(std::ranges::count(model.nodes, op, &OnnxNode::op));
}

TEST(Quantize, ProductsGiveNearlyWhatTheyGaveAndTheWeightsAreAQuarter) {
  const auto whole = two_layers();
  const OnnxArray x{{5, 64}, normal(5 * 64, 9)};
  const auto expected = run(whole, "x", x);
  for (const auto activations : {Activations::kByRow, Activations::kWhole}) {
    auto small = whole;
    EXPECT_EQ(quantize(small, {.activations = activations}).products, 3U);
    EXPECT_EQ(count(small, "MatMul") + count(small, "Gemm"), 0U);
    EXPECT_EQ(count(small, "MatMulInteger"), 3U);
    EXPECT_LT(small.serialize().size() * 3, whole.serialize().size());
    EXPECT_GT(cosine(run(small, "x", x), expected), 0.9995);
  }
}

TEST(Quantize, AnInputThatProductsShareIsRoundedOnce) {
  auto model = two_layers();
  quantize(model, {.activations = Activations::kWhole});
  EXPECT_EQ(count(model, "DynamicQuantizeLinear"), 2U) << "x and h";
}

TEST(Quantize, ByRowALargeRowNextDoorCostsNothing) {
  auto by_row = two_layers();
  auto as_whole = by_row;
  quantize(by_row, {.activations = Activations::kByRow});
  quantize(as_whole, {.activations = Activations::kWhole});
  auto rows = normal(2 * 64, 9);
  const std::vector<float> quiet(rows.begin(), rows.begin() + 64);
  for (std::size_t i = 64; i < 128; ++i) rows[i] *= 300;
  const auto expected = run(two_layers(), "x", {{1, 64}, quiet});
  const auto first = [](std::vector<float> y) { return std::vector<float>(y.begin(), y.begin() + 80); };
  EXPECT_EQ(first(run(by_row, "x", {{2, 64}, rows})), run(by_row, "x", {{1, 64}, quiet}));
  EXPECT_GT(cosine(first(run(by_row, "x", {{2, 64}, rows})), expected), 0.9995);
  EXPECT_LT(cosine(first(run(as_whole, "x", {{2, 64}, rows})), expected), 0.99) << "what rounding by row is for";
}

TEST(Quantize, ConstantRowsAndZerosAreExact) {
  auto model = two_layers();
  quantize(model);
  const auto expected = run(two_layers(), "x", {{1, 64}, std::vector<float>(64, 0.0F)});
  EXPECT_EQ(run(model, "x", {{1, 64}, std::vector<float>(64, 0.0F)}), expected);
  const auto ones = run(two_layers(), "x", {{1, 64}, std::vector<float>(64, 1.0F)});
  EXPECT_GT(cosine(run(model, "x", {{1, 64}, std::vector<float>(64, 1.0F)}), ones), 0.9995);
}

TEST(Quantize, SmallConstantsAndComputedMatricesStay) {
  auto model = two_layers();
  EXPECT_EQ(quantize(model, {.least_values = 7000}).products, 1U) << "only w3 has as many";
  EXPECT_EQ(count(model, "MatMul"), 2U);
  OnnxModel computed{.name = "computed"};
  computed.nodes = {{"MatMul", {"x", "y"}, {"z"}, {}}};
  computed.inputs = {{"x", OnnxType::kFloat, {-1, 64}}, {"y", OnnxType::kFloat, {64, 64}}};
  computed.outputs = {{"z", OnnxType::kFloat, {-1, 64}}};
  EXPECT_EQ(quantize(computed).products, 0U);
}

TEST(Quantize, AGatheredTableHasOneScaleARow) {
  OnnxModel whole{.name = "table"};
  auto values = normal(100 * 64, 5);
  for (std::size_t i = 64; i < 128; ++i) values[i] *= 1000;  // row 1 is loud
  whole.initializers = {OnnxInitializer::of("table", {100, 64}, std::span<const float>(values))};
  whole.nodes = {{"Gather", {"table", "ids"}, {"rows"}, {{"axis", std::int64_t{0}}}}};
  whole.inputs = {{"ids", OnnxType::kInt64, {-1}}};
  whole.outputs = {{"rows", OnnxType::kFloat, {-1, 64}}};
  auto small = whole;
  EXPECT_EQ(quantize(small).tables, 1U);
  const OnnxArray ids{{3}, std::vector<std::int64_t>{7, 1, 0}};
  const auto expected = run(whole, "ids", ids);
  const auto found = run(small, "ids", ids);
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_GT(cosine(std::span(found).subspan(row * 64, 64), std::span(expected).subspan(row * 64, 64)), 0.9998);
  }
}

TEST(Quantize, PointwiseConvolutionsAreMatrixProducts) {
  OnnxModel model{.name = "conv"};
  const auto kernel = normal(std::size_t{24} * 16, 6);
  const auto bias = normal(24, 7);
  model.initializers = {OnnxInitializer::of("kernel", {24, 16, 1, 1}, std::span<const float>(kernel)),
                        OnnxInitializer::of("bias", {24}, std::span<const float>(bias))};
  model.nodes = {{"Transpose", {"x"}, {"t"}, {{"perm", Shape{0, 3, 1, 2}}}},
                 {"Conv", {"t", "kernel", "bias"}, {"c"}, {{"strides", Shape{1, 1}}, {"kernel_shape", Shape{1, 1}}}},
                 {"Transpose", {"c"}, {"y"}, {{"perm", Shape{0, 2, 3, 1}}}}};
  model.inputs = {{"x", OnnxType::kFloat, {-1, -1, -1, 16}}};
  model.outputs = {{"y", OnnxType::kFloat, {-1, -1, -1, 24}}};
  const OnnxArray x{{2, 3, 5, 16}, normal(std::size_t{2} * 3 * 5 * 16, 8)};
  const auto expected = run(model, "x", x);

  auto strided = model;
  strided.nodes[1].attributes[0].value = Shape{2, 2};
  EXPECT_EQ(pointwise_convolutions_to_products(strided), 0U);

  EXPECT_EQ(pointwise_convolutions_to_products(model), 1U);
  EXPECT_EQ(count(model, "Conv") + count(model, "Transpose"), 0U);
  const auto found = run(model, "x", x);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5);
}

TEST(StoreInHalf, HalvesConstantsAndKeepsThoseThatDoNotFit) {
  auto model = two_layers();
  const auto whole = model;
  EXPECT_EQ(store_in_half(model), 3U);
  EXPECT_LT(static_cast<double>(model.serialize().size()), 0.55 * static_cast<double>(whole.serialize().size()));
  const OnnxArray x{{4, 64}, normal(4 * 64, 9)};
  EXPECT_GT(cosine(run(model, "x", x), run(whole, "x", x)), 0.999999);

  auto large = whole;
  large.initializers[0].bytes.assign(64 * 96 * 4, '\x7f');  // 3.4e38 everywhere
  EXPECT_EQ(store_in_half(large), 2U);
}

}  // namespace
}  // namespace zhiyin
