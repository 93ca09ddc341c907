// Vectors computed elsewhere: what is taken in, and what is refused by its line.
#include "feed/ingest/import_vectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/tensors.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ImportVectors : public ::testing::Test {
 protected:
  ImportVectors() { world.items("a First\nb Second"); }

  std::filesystem::path write(std::string_view name, std::string_view bytes) const {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  }
  Result<VectorReport> import(const std::filesystem::path& path, const std::string& encoder = "",
                              bool keep_going = false) {
    ZY_TRY(auto read, read_vectors(path, encoder));
    return import_vectors(std::move(read), *world.store, described, keep_going);
  }
  std::vector<float> vector(const std::string& item, const std::string& encoder) {
    const auto vectors = world.store->vectors(ItemId(item)).value();
    for (const auto& stored : vectors) {
      if (stored.encoder == encoder) return stored.values;
    }
    return {};
  }

  TemporaryFolder folder;
  World world;
  std::vector<EncoderDescription> described;
};

// Version 1.0, little-endian float32, two dimensions.
std::string npy(std::size_t rows, std::size_t columns, const std::vector<float>& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                       std::to_string(columns) + "), }";
  header.append(118 - header.size() - 1, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\0\x76\0", 10);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return bytes;
}

TEST_F(ImportVectors, LinesOfJson) {
  const auto path = write("clip.jsonl", R"({"id":"a","encoder":"clip.image","vector":[1,2.5]}
{"id":"b","encoder":"clip.image","version":1,"vector":[3,4]}

{"id":"a","vector":[7]}
)");
  EXPECT_EQ(import(path).value().vectors, 3);
  EXPECT_THAT(vector("a", "clip.image"), ElementsAre(1, 2.5));
  EXPECT_THAT(vector("b", "clip.image"), ElementsAre(3, 4));
  EXPECT_THAT(vector("a", "imported.clip"), ElementsAre(7)) << "named after the file";
  EXPECT_EQ(import(path).value().vectors, 3) << "again: the same vectors are written over";
}

TEST_F(ImportVectors, ANumpyArrayWithAListOfItems) {
  write("items.txt", "b\na\n");
  EXPECT_EQ(import(write("mert.npy", npy(2, 3, {1, 2, 3, 4, 5, 6}))).value().vectors, 2);
  EXPECT_THAT(vector("a", "imported.mert"), ElementsAre(4, 5, 6));
  EXPECT_EQ(import(write("mert.npy", npy(2, 3, {1, 2, 3, 4, 5, 6})), "music.mert").value().vectors, 2);
  EXPECT_THAT(vector("b", "music.mert"), ElementsAre(1, 2, 3));
}

TEST_F(ImportVectors, ATensorFileNamesItsEncoders) {
  write("items.txt", "a\nb\n");
  Tensors tensors;
  tensors.put("clap.sound", Tensor::adopt<float>({2, 2}, {1, 2, 3, 4}));
  tensors.put("clap.text", Tensor::adopt<float>({2, 1}, {5, 6}));
  ASSERT_TRUE(tensors.save(folder / "clap.safetensors").ok());
  EXPECT_EQ(import(folder / "clap.safetensors").value().vectors, 4);
  EXPECT_THAT(vector("b", "clap.sound"), ElementsAre(3, 4));
  EXPECT_THAT(vector("b", "clap.text"), ElementsAre(6));
}

TEST_F(ImportVectors, EveryFaultIsNamedByItsLineAndNothingIsWritten) {
  const auto path = write("x.jsonl", R"({"id":"a","encoder":"x","vector":[1,2]}
{"id":"nobody","encoder":"x","vector":[1,2]}
{"id":"b","encoder":"x","vector":[1]}
{"id":"b","encoder":"x","vector":[1,1e999]}
{"id":"a","encoder":"x","vector":[3,4]}
{"id":"b","encoder":"text.hash","vector":[1]}
{"id":"b","encoder":"x","vector":[]}
{"id":"b","encoder":"x y","vector":[1,2]}
{"id":"b","encoder":"x","vectors":[1,2]}
no json
)");
  const auto refused = import(path);
  ASSERT_FALSE(refused.ok());
  const auto& why = refused.error().message;
  for (const auto* part :
       {"x.jsonl:2: no item has the id nobody", "x.jsonl:3: the vector has 1 numbers",
        "x.jsonl:4:", "x.jsonl:5: item a has a vector of x in an earlier line",
        "x.jsonl:6: text.hash is the name of an encoder of this program", "x.jsonl:7: the vector has 0 numbers",
        "x.jsonl:8: \"x y\" is no name", "x.jsonl:9: \"vectors\" is not known", "x.jsonl:10:"}) {
    EXPECT_THAT(why, HasSubstr(part));
  }
  EXPECT_TRUE(vector("a", "x").empty());
  const auto kept = import(path, "", true).value();
  EXPECT_EQ(kept.vectors, 1);
  EXPECT_EQ(kept.left_out, 9);
  EXPECT_THAT(vector("a", "x"), ElementsAre(1, 2));
}

TEST_F(ImportVectors, AnotherLengthThanTheCataloguesIsRefused) {
  ASSERT_TRUE(import(write("one.jsonl", R"({"id":"a","encoder":"x","vector":[1,2]})")).ok());
  const auto refused = import(write("two.jsonl", R"({"id":"b","encoder":"x","vector":[1,2,3]})"));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("those of x in the catalogue have 2"));
  EXPECT_TRUE(import(write("three.jsonl", R"({"id":"b","encoder":"x","version":2,"vector":[1,2,3]})")).ok())
      << "a new version may";
}

TEST_F(ImportVectors, NamesOfEncodersThatRunHereAreRefusedWithTheWayOut) {
  described.push_back({.name = "picture.clip", .place = "encoders.toml:3"});
  for (const auto& [name, owner] : {std::pair{"picture.clip", "encoders.toml:3"},
                                    {"vision.centernet", "this program"},
                                    {"sound.own", "this program"},
                                    {"text.endpoint.nomic", "an endpoint"}}) {
    const auto refused = import(write("x.jsonl", R"({"id":"a","vector":[1,2]})"), name);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_THAT(refused.error().message, HasSubstr(std::string(name) + " is the name of an encoder of " + owner));
    EXPECT_THAT(refused.error().message, HasSubstr("with --encoder"));
    EXPECT_TRUE(vector("a", name).empty());
  }
}

TEST_F(ImportVectors, AnArrayThatDoesNotFitItsListSaysWhatIsNeeded) {
  EXPECT_THAT(import(write("x.npy", npy(1, 1, {1}))).error().message, HasSubstr("items.txt"));
  write("items.txt", "a\nb\n");
  EXPECT_THAT(import(write("x.npy", npy(1, 2, {1, 2}))).error().message,
              HasSubstr("has 1 rows, items.txt names 2 items"));
  write("items.txt", "a\n\nnobody\n");
  const auto refused = import(write("x.npy", npy(2, 1, {1, 2})));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("items.txt:3: no item has the id nobody"));
}

}  // namespace
}  // namespace zhiyin
