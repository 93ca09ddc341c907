// Models of one's own, as a user brings them: a file in the home, and every verb knows them.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "base/json.h"
#include "support/media_files.h"
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

// A pair of CLIP's shape that knows three colours: its pictures are their mean colour, its words the colour they name.
TEST_F(OwnEncoders, WordsFindWhatIsSeenWhereBothHalvesNameOneSpace) {
  ::setenv("ZHIYIN_CACHE", (folder / "no-models").c_str(), 1);  // nothing else sees or reads here
  tiny::Weights weights(3);
  std::vector<float> words(3 * 8);  // of the vocabulary; "a", "cat" and "news" stand for red, green and blue
  for (std::size_t i = 0; i < 3; ++i) words[3 * (4 + i) + i] = 1;
  weights.set("words", words);
  tiny::Writer text(weights);
  const auto ids = text.input("input_ids", OnnxType::kInt64, {-1, -1});
  text.output(text.embedding(ids, "words", 8, 3), "last_hidden_state", OnnxType::kFloat, {-1, -1, 3});
  write("home/tiny/model.onnx", text.model.serialize());
  tiny::Writer seen(weights);
  const auto pixels = seen.input("pixel_values", OnnxType::kFloat, {-1, 3, 8, 8});
  seen.output(
      seen.node("ReduceMean", {pixels}, {{"axes", tiny::Writer::Integers{2, 3}}, {"keepdims", std::int64_t{0}}}),
      "image_embeds", OnnxType::kFloat, {-1, 3});
  write("home/tiny/picture.onnx", seen.model.serialize());
  const std::string picture =
      "[[encoder]]\nname = \"vision.tiny\"\nmodality = \"picture\"\nfile = \"tiny/picture.onnx\"\n"
      "licence = \"CC0-1.0\"\npicture = { width = 8, height = 8 }\n";
  const MediaFolder media;
  for (const auto* colour : {"red", "green", "blue"}) {
    media.ffmpeg(std::string(1, *colour) + ".mkv",
                 "-f lavfi -i color=" + std::string(colour) + ":d=1:s=64x64:r=5 -c:v libx264");
  }
  const auto first = [&](const std::string& query) {
    const auto found = Json::parse(zhiyin({"search", query}).output).value();
    return found["items"].elements().empty()
               ? ""
               : std::string(found["items"].elements()[0]["attributes"]["title"].as_string());
  };
  describe("space = \"tiny\"\n" + picture);
  ASSERT_EQ(zhiyin({"scan", media.path("").string()}).exit_code, 0);
  EXPECT_EQ(first("cat"), "") << "one half names no space";
  describe("space = \"tiny\"\n" + picture + "space = \"tiny\"\n");
  EXPECT_EQ(first("a"), "r");
  EXPECT_EQ(first("cat"), "g");
  EXPECT_EQ(first("news"), "b");
  ::unsetenv("ZHIYIN_CACHE");
}

TEST_F(OwnEncoders, VectorsComputedElsewhereCannotTakeTheirNames) {
  describe("");
  ASSERT_EQ(zhiyin({"import", "jsonl", (folder / "items.jsonl").string()}).exit_code, 0);
  write("x.jsonl", R"({"id":"a","encoder":"text.tiny","vector":[1,2]})");
  const auto refused = zhiyin({"import", "vectors", (folder / "x.jsonl").string()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors + refused.output, HasSubstr("text.tiny is the name of an encoder of"));
  EXPECT_THAT(refused.errors + refused.output, HasSubstr("encoders.toml:1, whose next run"));
}

TEST_F(OwnEncoders, TheyCannotTakeNamesOfTheProgramsOwn) {
  describe("");
  auto text = read_file(folder / "home/encoders.toml").value();
  text.replace(text.find("text.tiny"), 9, "text.hash");
  write("home/encoders.toml", text);
  const auto import = zhiyin({"import", "jsonl", (folder / "items.jsonl").string()});
  EXPECT_EQ(import.exit_code, 1);
  EXPECT_THAT(import.errors + import.output, HasSubstr("the name text.hash is that of an encoder of this program"));
}

TEST_F(OwnEncoders, AModelThatIsMissingIsLeftOutAndSaidByTheDoctor) {
  describe("");
  std::filesystem::remove(folder / "home/tiny/model.onnx");
  EXPECT_EQ(zhiyin({"import", "jsonl", (folder / "items.jsonl").string()}).exit_code, 0);
  EXPECT_THAT(zhiyin({"doctor"}).output, HasSubstr("model.onnx"));
}

}  // namespace
}  // namespace zhiyin
