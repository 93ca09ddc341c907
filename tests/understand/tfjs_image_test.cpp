// The converter's rules for images, against plain loops over NHWC.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "understand/tiny_tfjs.h"

namespace zhiyin {
namespace {

using Shape = std::vector<std::int64_t>;

std::vector<float> noise(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  for (auto& value : values) value = random.normal();
  return values;
}

struct Case {
  int height, width, in, out;  // `out` is the multiplier where depthwise
  int kernel, stride;
  bool same, depthwise;
};

// TensorFlow's definition: SAME pads so that the output is ceil(size / stride), the odd pixel after.
std::vector<float> convolve(const Case& c, const std::vector<float>& x, const std::vector<float>& w, Shape& shape) {
  const auto extent = [&](int size) {
    return c.same ? (size + c.stride - 1) / c.stride : (size - c.kernel) / c.stride + 1;
  };
  const auto before = [&](int size) {
    return c.same ? std::max((extent(size) - 1) * c.stride + c.kernel - size, 0) / 2 : 0;
  };
  const int channels = c.depthwise ? c.in * c.out : c.out;
  shape = {1, extent(c.height), extent(c.width), channels};
  std::vector<float> y;
  for (int oy = 0; oy < extent(c.height); ++oy) {
    for (int ox = 0; ox < extent(c.width); ++ox) {
      for (int o = 0; o < channels; ++o) {
        double sum = 0;
        for (int ky = 0; ky < c.kernel; ++ky) {
          for (int kx = 0; kx < c.kernel; ++kx) {
            const int iy = oy * c.stride + ky - before(c.height);
            const int ix = ox * c.stride + kx - before(c.width);
            if (iy < 0 || ix < 0 || iy >= c.height || ix >= c.width) continue;
            for (int i = 0; i < c.in; ++i) {
              if (c.depthwise && i != o / c.out) continue;
              const int last = c.depthwise ? o % c.out : o;
              sum += double{x[static_cast<std::size_t>((iy * c.width + ix) * c.in + i)]} *
                     w[static_cast<std::size_t>(((ky * c.kernel + kx) * c.in + i) * c.out + last)];
            }
          }
        }
        y.push_back(static_cast<float>(sum));
      }
    }
  }
  return y;
}

std::string list(const std::string& name, const std::string& numbers) {
  return "\"" + name + R"(":{"list":{"i":[)" + numbers + "]}}";
}
std::string window(const Case& c) {
  const auto s = std::to_string(c.stride);
  return list("strides", "\"1\",\"" + s + "\",\"" + s + "\",\"1\"") + R"(,"padding":{"s":")" +
         (c.same ? "U0FNRQ==" : "VkFMSUQ=") + "\"}";
}

TEST(TfjsImage, ConvolutionsAreThoseOfPlainLoops) {
  for (const auto& c : {Case{7, 6, 3, 4, 3, 1, true, false}, Case{7, 6, 3, 4, 3, 2, true, false},
                        Case{8, 5, 2, 3, 3, 2, false, false}, Case{4, 4, 5, 2, 1, 1, false, false},
                        Case{7, 6, 3, 2, 3, 2, true, true}, Case{6, 6, 4, 1, 5, 1, false, true}}) {
    const auto x = noise(static_cast<std::size_t>(c.height * c.width * c.in), 1);
    const auto w = noise(static_cast<std::size_t>(c.kernel * c.kernel * c.in * c.out), 2);
    TinyTfjs model;
    model.input("x").floats("w", {c.kernel, c.kernel, c.in, c.out}, w);
    model.node("out", c.depthwise ? "DepthwiseConv2dNative" : "Conv2D", {"x", "w"}, window(c));
    Shape shape;
    const auto expected = convolve(c, x, w, shape);
    const auto out = run_one(model, {float_input("x", {1, c.height, c.width, c.in}, x)});
    ASSERT_EQ(out.shape, shape);
    EXPECT_THAT(out.floats(), testing::Pointwise(testing::FloatNear(1e-4F), expected));
  }
}

TEST(TfjsImage, AFusedConvolutionAddsItsBiasThenCutsOff) {
  const Case c{5, 5, 2, 3, 3, 1, true, false};
  const auto x = noise(50, 3);
  const auto w = noise(54, 4);
  TinyTfjs model;
  model.input("x").floats("w", {3, 3, 2, 3}, w).floats("bias", {3}, {1, -1, 0.5F});
  // "BiasAdd" as bytes, "Relu6" in base64: the two spellings of a string.
  model.node(
      "out", "_FusedConv2D", {"x", "w", "bias"},
      window(c) +
          R"(,"fused_ops":{"list":{"s":[[66,105,97,115,65,100,100],"UmVsdTY="]}},"num_args":{"i":"1"},"epsilon":{"f":0})");
  Shape shape;
  auto expected = convolve(c, x, w, shape);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] = std::clamp(expected[i] + (i % 3 == 0 ? 1.0F : i % 3 == 1 ? -1.0F : 0.5F), 0.0F, 6.0F);
  }
  const auto out = run_one(model, {float_input("x", {1, 5, 5, 2}, x)});
  EXPECT_THAT(out.floats(), testing::Pointwise(testing::FloatNear(1e-4F), expected));
}

TEST(TfjsImage, PoolsAtTheBorderCountWhatLiesInside) {
  const auto pool = [](const std::string& op) {
    TinyTfjs model;
    const auto attributes =
        list("ksize", "1,2,2,1") + "," + list("strides", "1,2,2,1") + R"(,"padding":{"s":"U0FNRQ=="})";
    model.input("x").node("out", op, {"x"}, attributes);
    return run_one(model, {float_input("x", {1, 3, 3, 1}, counting(9))}).floats();
  };
  EXPECT_THAT(pool("MaxPool"), testing::ElementsAre(4, 5, 7, 8));
  EXPECT_THAT(pool("AvgPool"), testing::ElementsAre(2, 3.5F, 6.5F, 8));
}

TEST(TfjsImage, ResizingKnowsTheThreeWaysToPlacePixels) {
  const auto resize = [](const std::string& op, const std::string& attributes) {
    TinyTfjs model;
    model.input("x").integers("size", {2}, {1, 4}).node("out", op, {"x", "size"}, attributes);
    return run_one(model, {float_input("x", {1, 1, 2, 1}, {0, 4})}).floats();
  };
  const std::string corners = R"("align_corners":{"b":true},"half_pixel_centers":{"b":false})";
  const std::string half_pixel = R"("align_corners":{"b":false},"half_pixel_centers":{"b":true})";
  const auto near = [](std::vector<float> values) { return testing::Pointwise(testing::FloatNear(1e-5F), values); };
  EXPECT_THAT(resize("ResizeBilinear", ""), near({0, 2, 4, 4}));
  EXPECT_THAT(resize("ResizeBilinear", half_pixel), near({0, 1, 3, 4}));
  EXPECT_THAT(resize("ResizeBilinear", corners), near({0, 4.0F / 3, 8.0F / 3, 4}));
  EXPECT_THAT(resize("ResizeNearestNeighbor", ""), near({0, 0, 4, 4}));
  EXPECT_THAT(resize("ResizeNearestNeighbor", half_pixel), near({0, 0, 4, 4}));
}

TEST(TfjsImage, PaddingIsZerosAValueOrAMirror) {
  const auto pad = [](const std::string& op, const std::vector<std::string>& inputs, const std::string& attributes) {
    TinyTfjs model;
    model.input("x").integers("p", {1, 2}, {2, 1}).floats("v", {}, {9}).node("out", op, inputs, attributes);
    return run_one(model, {float_input("x", {3}, {1, 2, 3})}).floats();
  };
  EXPECT_THAT(pad("Pad", {"x", "p"}, ""), testing::ElementsAre(0, 0, 1, 2, 3, 0));
  EXPECT_THAT(pad("PadV2", {"x", "p", "v"}, ""), testing::ElementsAre(9, 9, 1, 2, 3, 9));
  EXPECT_THAT(pad("MirrorPad", {"x", "p"}, R"("mode":{"s":"UkVGTEVDVA=="})"), testing::ElementsAre(3, 2, 1, 2, 3, 2));
}

}  // namespace
}  // namespace zhiyin
