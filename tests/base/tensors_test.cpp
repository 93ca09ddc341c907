#include "base/tensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <limits>

#include "base/file.h"

namespace zhiyin {
namespace {

class TensorFiles : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / (std::string("tensors_") + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(std::string_view bytes) {
    const auto path = folder_ / "file";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  // A safetensors file of that header with `data` zero bytes behind it.
  Result<Tensors> open_header(std::string_view header, std::size_t data) {
    const std::uint64_t length = header.size();
    std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
    return Tensors::open(write(bytes + std::string(header) + std::string(data, '\0')));
  }
  std::filesystem::path folder_;
};

const std::size_t kAnyMatrix[] = {0, 0};

TEST_F(TensorFiles, ReadsBackWhatWasSaved) {
  Tensors saved;
  saved.put("factors", Tensor::adopt<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  saved.put("codes", Tensor::adopt<std::uint8_t>({3}, {7, 8, 9}));
  saved.put("ids", Tensor::adopt<std::int64_t>({1}, {-5}));
  saved.put("nothing", Tensor::adopt<float>({0, 4}, {}));
  saved.metadata["model"] = "知音";
  ASSERT_TRUE(saved.save(folder_ / "a.safetensors").ok());

  const auto read = Tensors::open(folder_ / "a.safetensors");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->metadata.at("model"), "知音");
  EXPECT_EQ(read->all().size(), 4U);
  const auto factors = read->get("factors", DType::kF32, kAnyMatrix);
  ASSERT_TRUE(factors.ok());
  EXPECT_EQ(factors->shape(), (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(factors->as<float>()[5], 6.0F);
  EXPECT_EQ(read->all().find("codes")->second.as<std::uint8_t>()[2], 9);
  EXPECT_EQ(read->all().find("ids")->second.as<std::int64_t>()[0], -5);
  EXPECT_EQ(read->all().find("nothing")->second.size(), 0U);
}

TEST_F(TensorFiles, AViewOutlivesTheFileItCameFrom) {
  Tensors saved;
  saved.put("x", Tensor::adopt<float>({1}, {42}));
  ASSERT_TRUE(saved.save(folder_ / "a").ok());
  Tensor kept;
  {
    const auto read = Tensors::open(folder_ / "a").value();
    kept = read.all().at("x");
  }
  std::filesystem::remove(folder_ / "a");
  EXPECT_EQ(kept.as<float>()[0], 42.0F);
}

TEST_F(TensorFiles, SavingRefusesNotANumberByName) {
  Tensors tensors;
  tensors.put("bias", Tensor::adopt<float>({1}, {std::numeric_limits<float>::quiet_NaN()}));
  const auto saved = tensors.save(folder_ / "a");
  ASSERT_FALSE(saved.ok());
  EXPECT_NE(saved.error().message.find("\"bias\""), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a"));
}

TEST_F(TensorFiles, ReadingAnArrayOfInfinityNamesIt) {
  Tensors tensors;
  tensors.put("bias", Tensor::adopt<float>({1}, {std::numeric_limits<float>::infinity()}));
  const auto read = tensors.get("bias", DType::kF32, std::vector<std::size_t>{1});
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("\"bias\""), std::string::npos);
}

TEST_F(TensorFiles, AWrongShapeNamesBothShapes) {
  Tensors tensors;
  tensors.put("q", Tensor::adopt<float>({1, 2}, {1, 2}));
  const auto read = tensors.get("q", DType::kF32, std::vector<std::size_t>{3, 2});
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("[1, 2]"), std::string::npos);
  EXPECT_NE(read.error().message.find("[3, 2]"), std::string::npos);
}

TEST_F(TensorFiles, EveryTruncationIsCorruptOrComplete) {
  Tensors saved;
  saved.put("x", Tensor::adopt<float>({4}, {1, 2, 3, 4}));
  ASSERT_TRUE(saved.save(folder_ / "a").ok());
  const auto whole = read_file(folder_ / "a").value();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = Tensors::open(write(whole.substr(0, size)));
    ASSERT_FALSE(read.ok()) << "at " << size;
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
  }
}

TEST_F(TensorFiles, HostileHeadersAreCorrupt) {
  const std::string_view hostile[] = {
      R"({"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})",                       // out of bounds
      R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",                        // too few bytes
      R"({"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})",                       //
      R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})",                        //
      R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}})",                          //
      R"({"x":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}})",  // overflows
      R"({"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})",    //
      R"({"x":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}})",                        //
      R"({"x":{"dtype":"F32","data_offsets":[0,4]}})",                                    //
      R"({"x":7})",
      R"([])",
      R"({"x":)",
      "",  //
      R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
      R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
  };
  for (const auto header : hostile) {
    const auto read = open_header(header, 8);
    ASSERT_FALSE(read.ok()) << header;
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt) << header;
  }
}

TEST_F(TensorFiles, AGiantHeaderIsRefusedBeforeItIsRead) {
  const std::uint64_t length = std::uint64_t{1} << 62U;
  const auto read = Tensors::open(write({reinterpret_cast<const char*>(&length), sizeof length}));
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("limit"), std::string::npos);
}

std::string npy(std::string_view dict, std::string_view data) {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(dict.size());
  bytes += '\0';
  return bytes + std::string(dict) + std::string(data);
}

TEST_F(TensorFiles, NpyOfEachWidthIsReadAsFloat) {
  const float single[] = {1.5F, -2};
  const double wide[] = {1.5, -2};
  const std::uint16_t half[] = {0x3e00, 0xc000};
  const auto bytes = [](const auto& values) {
    return std::string_view(reinterpret_cast<const char*>(values), sizeof values);
  };
  for (const auto& [descr, data] : {std::pair{"<f2", bytes(half)}, {"<f4", bytes(single)}, {"<f8", bytes(wide)}}) {
    const auto dict = std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': (2,), }\n";
    const auto read = read_npy(write(npy(dict, data)));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->shape, (std::vector<std::size_t>{2}));
    EXPECT_EQ(read->values, (std::vector<float>{1.5F, -2}));
  }
}

TEST_F(TensorFiles, NpyThatCannotBeUsedSaysWhy) {
  const std::string_view four("\0\0\x80\x3f", 4);
  const auto message = [&](std::string_view bytes) {
    const auto read = read_npy(write(bytes));
    return read.ok() ? std::string("was read") : read.error().message;
  };
  EXPECT_NE(message("").find("not a .npy"), std::string::npos);
  EXPECT_NE(message(npy("{'descr': '<i4', 'fortran_order': False, 'shape': (1,)}", four)).find("floats"),
            std::string::npos);
  EXPECT_NE(message(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}", four)).find("Fortran"),
            std::string::npos);
  EXPECT_NE(message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", four)).find("header says"),
            std::string::npos);
  EXPECT_NE(message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (x,)}", four)).find("shape"),
            std::string::npos);
  EXPECT_NE(
      message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,99999999999)}", four)).find("large"),
      std::string::npos);
  EXPECT_NE(message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "\xff\xff\xff\x7f")).find("NaN"),
            std::string::npos);
}

}  // namespace
}  // namespace zhiyin
