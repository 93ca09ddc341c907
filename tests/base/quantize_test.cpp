// Packed matrices: within their error, in their size, the same for a seed; and arrays packed by name.
#include "base/kernels/quantize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/kernels/packing.h"
#include "base/random.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

// Rows of very different lengths; row 3 is zero.
std::vector<float> matrix(std::size_t rows, std::size_t columns, std::uint64_t seed = 5) {
  Random random(seed);
  std::vector<float> values;
  for (std::size_t r = 0; r < rows; ++r) {
    const float length = r == 3 ? 0 : std::pow(10.0F, static_cast<float>(r % 7) - 4);
    for (std::size_t c = 0; c < columns; ++c) values.push_back(length * random.normal());
  }
  return values;
}

std::size_t bytes_of(const PackedMatrix& packed) {
  return packed.codes.bytes().size() + packed.scales.bytes().size() + packed.codebook.bytes().size();
}

std::vector<float> through(std::span<const float> values, std::size_t columns, Codec codec) {
  const auto packed = pack_matrix(values, values.size() / columns, columns, codec);
  EXPECT_TRUE(packed.ok());
  return unpack_matrix(*packed).value();
}

TEST(Quantize, EachCodecKeepsWithinItsError) {
  constexpr std::size_t kRows = 50;
  for (const std::size_t columns : {std::size_t{9}, std::size_t{64}, std::size_t{131}}) {
    const auto values = matrix(kRows, columns);
    EXPECT_EQ(through(values, columns, Codec::kFloat), values);
    const auto half = through(values, columns, Codec::kHalf);
    const auto int8 = through(values, columns, Codec::kInt8);
    const auto int4 = through(values, columns, Codec::kInt4);
    for (std::size_t r = 0; r < kRows; ++r) {
      float of_row = 0;
      for (std::size_t c = 0; c < columns; ++c) of_row = std::max(of_row, std::abs(values[r * columns + c]));
      for (std::size_t c = 0; c < columns; ++c) {
        const auto k = r * columns + c;
        float of_group = 0;
        for (auto g = c / 64 * 64; g < std::min(columns, c / 64 * 64 + 64); ++g)
          of_group = std::max(of_group, std::abs(values[r * columns + g]));
        EXPECT_LE(std::abs(half[k] - values[k]), std::max(0x1.0p-11F * std::abs(values[k]), 0x1.0p-25F));
        EXPECT_LE(std::abs(int8[k] - values[k]), of_row / 254 * 1.0001F);
        EXPECT_LE(std::abs(int4[k] - values[k]), of_group / 14 * 1.0001F);
      }
    }
  }
}

TEST(Quantize, EachCodecIsAsSmallAsItSays) {
  const auto values = matrix(300, 128);
  const auto size = [&](Codec codec) { return bytes_of(pack_matrix(values, 300, 128, codec).value()); };
  EXPECT_EQ(size(Codec::kFloat), 300U * 512);
  EXPECT_EQ(size(Codec::kHalf), 300U * 256);
  EXPECT_EQ(size(Codec::kInt8), 300U * 132);
  EXPECT_EQ(size(Codec::kInt4), 300U * (64 + 8));
  EXPECT_EQ(size(Codec::kPq), 300U * 8 + 1024 * 128);
  EXPECT_EQ(size(Codec::kPqTwice), 300U * 16 + 2048 * 128);
  EXPECT_EQ(size(Codec::kPq16), 300U * 16 + 1024 * 128);
  EXPECT_EQ(size(Codec::kPq32), 300U * 32 + 1024 * 128);
}

TEST(Quantize, PqIsExactForFewRowsAndNearForRowsThatCluster) {
  const auto few = matrix(200, 20);
  EXPECT_EQ(through(few, 20, Codec::kPq), few);

  Random random(8);
  const auto centres = matrix(64, 24, 9);
  std::vector<float> rows;
  std::vector<float> noise_free;
  for (std::size_t r = 0; r < 2000; ++r) {
    const auto at = random.below(64) * 24;
    for (std::size_t c = 0; c < 24; ++c) {
      noise_free.push_back(centres[at + c]);
      rows.push_back(centres[at + c] * (1 + 0.01F * random.normal()));
    }
  }
  const auto back = through(rows, 24, Codec::kPq);
  double miss = 0;
  double all = 0;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    miss += std::pow(back[k] - rows[k], 2);
    all += std::pow(rows[k], 2);
  }
  EXPECT_LT(miss, 1e-4 * all);  // the noise: 1 %
}

TEST(Quantize, MoreBytesOfPqMissLess) {
  const auto values = matrix(3000, 64);
  const auto miss = [&](Codec codec) {
    const auto back = through(values, 64, codec);
    double sum = 0;
    for (std::size_t k = 0; k < values.size(); ++k) sum += std::pow(back[k] - values[k], 2);
    return sum;
  };
  const double eight = miss(Codec::kPq);
  EXPECT_LT(miss(Codec::kPqTwice), 0.8 * eight);
  EXPECT_LT(miss(Codec::kPq16), 0.8 * eight);
  EXPECT_LT(miss(Codec::kPq32), 0.8 * miss(Codec::kPq16));
}

TEST(Quantize, PqOfWideRowsSharesOneTableOfTriples) {
  constexpr std::size_t kRows = 40;
  constexpr std::size_t kColumns = 602;
  const auto values = matrix(kRows, kColumns);
  const auto packed = pack_matrix(values, kRows, kColumns, Codec::kPq).value();
  EXPECT_EQ(bytes_of(packed), kRows * (201 + 4) + kColumns * 4 + 256 * 3 * 4);
  const auto back = unpack_matrix(packed).value();
  for (std::size_t r = 0; r < kRows; ++r) {
    double of_row = 0;
    double missed = 0;
    for (std::size_t k = r * kColumns; k < (r + 1) * kColumns; ++k) {
      of_row += double{values[k]} * values[k];
      missed += double{back[k] - values[k]} * (back[k] - values[k]);
    }
    EXPECT_LE(missed, 0.1 * of_row) << r;  // however long or short the row is; the zero one exactly
  }

  auto broken = packed;
  broken.codebook = Tensor::adopt<float>({2, 3}, std::vector<float>(6));  // codes point past it
  EXPECT_EQ(unpack_matrix(broken).error().code, ErrorCode::kCorrupt);
  broken = packed;
  broken.rows = kRows + 1;
  EXPECT_EQ(unpack_matrix(broken).error().code, ErrorCode::kCorrupt);
}

TEST(Quantize, PqRepeatsForASeed) {
  const auto values = matrix(900, 16);
  const auto codes = [&](std::uint64_t seed) {
    const auto packed = pack_matrix(values, 900, 16, Codec::kPq, seed).value();
    return std::vector<std::uint8_t>(packed.codes.as<std::uint8_t>().begin(), packed.codes.as<std::uint8_t>().end());
  };
  EXPECT_EQ(codes(1), codes(1));
  EXPECT_NE(codes(1), codes(2));
}

TEST(Quantize, WhatACodecCannotHoldIsRefused) {
  EXPECT_EQ(pack_matrix(std::vector<float>{1e6F, 0}, 1, 2, Codec::kHalf).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(pack_matrix(std::vector<float>{1, 0}, 1, 2, Codec::kPq).error().code, ErrorCode::kInvalid);
}

TEST(Quantize, ArraysThatDoNotFitAreCorrupt) {
  for (const auto codec : kCodecs) {
    auto packed = pack_matrix(matrix(300, 32), 300, 32, codec).value();
    packed.rows = 301;
    EXPECT_EQ(unpack_matrix(packed).error().code, ErrorCode::kCorrupt) << codec_name(codec);
  }
  auto packed = pack_matrix(matrix(20, 16), 20, 16, Codec::kPq).value();
  packed.codebook = Tensor::adopt<float>({2, 16}, std::vector<float>(32));  // codes point past it
  EXPECT_EQ(unpack_matrix(packed).error().code, ErrorCode::kCorrupt);
}

TEST(Packing, ArraysComeBackByNameThroughAFile) {
  Tensors tensors;
  const auto values = matrix(300, 24);
  tensors.put("factors", Tensor::from<float>({10, 30, 24}, values));
  tensors.put("similarity", Tensor::from<float>({1001}, std::span(values).first(1001)));
  tensors.put("offsets", Tensor::from<std::int64_t>({2}, std::array<std::int64_t, 2>{0, 7}));
  tensors.metadata["parts"] = "a b";
  const auto packed = pack_tensors(tensors, {{"factors", Codec::kInt8}, {"similarity", Codec::kInt4}}).value();
  EXPECT_LT(bytes_of(packed), bytes_of(tensors) / 3);
  const TemporaryFolder folder;
  ASSERT_TRUE(packed.save(folder / "t").ok());
  const auto back = unpack_tensors(Tensors::open(folder / "t").value()).value();
  EXPECT_EQ(back.metadata, tensors.metadata);
  EXPECT_EQ(back.all().size(), 3U);
  const auto factors = back.get("factors", DType::kF32, std::array<std::size_t, 3>{10, 30, 24});
  ASSERT_TRUE(factors.ok()) << factors.error().message;
  EXPECT_NEAR(factors->as<float>()[7], values[7], 1e-4);
  EXPECT_TRUE(back.get("similarity", DType::kF32, std::array<std::size_t, 1>{1001}).ok());
}

TEST(Packing, NonsenseInTheMetadataIsCorrupt) {
  Tensors tensors;
  tensors.put("a", Tensor::from<float>({5000}, std::vector<float>(5000, 1)));
  const auto packed = pack_tensors(tensors, {{"a", Codec::kInt8}}).value();
  for (const auto* how :
       {"", "int8", "int9 5000", "int8 50x", "int8 99999999999999999999", "int8 5000x5000", "pq 5000"}) {
    auto lie = packed;
    lie.metadata["packed.a"] = how;
    const auto unpacked = unpack_tensors(lie);
    ASSERT_FALSE(unpacked.ok()) << how;
    EXPECT_EQ(unpacked.error().code, ErrorCode::kCorrupt) << how;
  }
}

}  // namespace
}  // namespace zhiyin
