// Models of one's own, as a user brings them: a file in the home, and every verb knows them.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "base/json.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/tiny_networks.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

class OwnEncoders : public testing::Test {
 protected:
  OwnEncoders() {
    tiny::Weights weights(3);
    tiny::Writer w(weights);
    const auto ids = w.input("input_ids", OnnxType::kInt64, {-1, -1});
    w.output(w.embedding(ids, "words", 8, 6), "last_hidden_state", OnnxType::kFloat, {-1, -1, 6});
    write("home/tiny/model.onnx", w.model.serialize());
    write("home/tiny/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\ncat\nnews\n##s\n");
    write("items.jsonl", "{\"id\":\"a\",\"title\":\"A cat\"}\n{\"id\":\"b\",\"title\":\"The news\"}\n");
  }
  void write(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((folder / name).parent_path());
    ASSERT_TRUE(write_file_atomic(folder / name, bytes).ok());
  }
  void describe(const std::string& more) {
    write("home/encoders.toml",
          "[[encoder]]\nname = \"text.tiny\"\nmodality = \"text\"\nfile = \"tiny/model.onnx\"\nlicence = \"CC0-1.0\"\n"
          "tokenizer = { kind = \"wordpiece\", file = \"tiny/vocab.txt\" }\n" +
              more);
  }
  ProgramRun zhiyin(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--home", (folder / "home").string(), "--json"});
    return run_program(arguments);
  }
  TemporaryFolder folder;
};

TEST_F(OwnEncoders, ADescribedEncoderIsListedAndItsVectorsAreSeen) {
  describe("");
  const auto doctor = zhiyin({"doctor"});
  const auto checks = Json::parse(doctor.output).value();
  const auto& list = checks["checks"].elements();
  const auto found =
      std::ranges::find_if(list, [](const Json& check) { return check["what"].as_string() == "encoder text.tiny"; });
  ASSERT_NE(found, list.end()) << doctor.output;
  EXPECT_TRUE((*found)["good"].as_bool());
  EXPECT_EQ((*found)["found"].as_string(), "text: 6 numbers, CC0-1.0");

  ASSERT_EQ(zhiyin({"import", "jsonl", (folder / "items.jsonl").string()}).exit_code, 0);
  const auto item = Json::parse(zhiyin({"inspect", "item", "a"}).output).value();
  const auto& vectors = item["vectors"].elements();
  const auto own =
      std::ranges::find_if(vectors, [](const Json& vector) { return vector["encoder"].as_string() == "text.tiny"; });
  ASSERT_NE(own, vectors.end());
  EXPECT_EQ((*own)["dim"].as_integer(), 6);
}

TEST_F(OwnEncoders, TheDoctorSaysWhatBecameOfInt8) {
  ASSERT_EQ(setenv("ZHIYIN_CACHE", (folder / "cache").c_str(), 1), 0);
  describe("int8 = true\n");
  const auto doctor = zhiyin({"doctor"});
  unsetenv("ZHIYIN_CACHE");
  EXPECT_THAT(doctor.output, HasSubstr("text: 6 numbers, CC0-1.0; not in eight bits: there are no large constants"));
}

TEST_F(OwnEncoders, AKeyThatNobodyKnowsStopsTheStart) {
  describe("pooling = \"mean\"\nnormalize = true\n");
  const auto import = zhiyin({"import", "jsonl", (folder / "items.jsonl").string()});
  EXPECT_EQ(import.exit_code, 1);
  EXPECT_THAT(
      import.errors + import.output,
      HasSubstr("encoders.toml: line 8: [[encoder]] text.tiny: normalize: no such key; the nearest is normalise"));
}

TEST_F(OwnEncoders, AModelThatIsMissingIsLeftOutAndSaidByTheDoctor) {
  describe("");
  std::filesystem::remove(folder / "home/tiny/model.onnx");
  EXPECT_EQ(zhiyin({"import", "jsonl", (folder / "items.jsonl").string()}).exit_code, 0);
  EXPECT_THAT(zhiyin({"doctor"}).output, HasSubstr("model.onnx"));
}

}  // namespace
}  // namespace zhiyin
