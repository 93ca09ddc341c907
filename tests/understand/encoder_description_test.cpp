// What somebody may say of a model of their own, and what they are told when it is wrong.
#include "understand/embed/onnx/encoder_description.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<std::vector<EncoderDescription>> read(const std::string& text) {
  const TemporaryFolder folder;
  EXPECT_TRUE(write_file_atomic(folder / "encoders.toml", text).ok());
  return read_encoder_descriptions(folder / "encoders.toml", "/models");
}

std::string message_of(const std::string& text) {
  const auto result = read(text);
  return result.ok() ? "no error" : result.error().message;
}

const std::string kBert = R"([[encoder]]
name = "text.bert"
modality = "text"
file = "bert/model.onnx"
licence = "Apache-2.0"
tokenizer = { kind = "wordpiece", file = "bert/vocab.txt" }
)";

TEST(EncoderDescription, AFileThatIsNotThereDescribesNothing) {
  EXPECT_TRUE(read_encoder_descriptions("/nowhere/encoders.toml", "/models").value().empty());
}

TEST(EncoderDescription, FewKeysAreEnough) {
  const auto encoder = read(kBert).value().at(0);
  EXPECT_EQ(encoder.name, "text.bert");
  EXPECT_EQ(encoder.file, "/models/bert/model.onnx");
  EXPECT_EQ(encoder.tokenizer.file, "/models/bert/vocab.txt");
  EXPECT_EQ(encoder.pooling, Pooling::kMean);
  EXPECT_TRUE(encoder.normalise);
  EXPECT_EQ(encoder.max_length, 512);
  EXPECT_THAT(encoder.place, HasSubstr("encoders.toml:1"));
}

TEST(EncoderDescription, SaysWhatGoesIntoTheNetwork) {
  const auto encoder = read(kBert + R"(
[[encoder.input]]
name = "input_ids"
type = "int32"
shape = ["batch", 77]
[[encoder.input]]
name = "image"
holds = "zeros"
shape = [1, 3, 8, 8]
)")
                           .value()
                           .at(0);
  ASSERT_EQ(encoder.inputs.size(), 2U);
  EXPECT_EQ(encoder.inputs[0].role, InputRole::kIds);
  EXPECT_EQ(encoder.inputs[0].type, OnnxElement::kInt32);
  EXPECT_THAT(encoder.inputs[0].shape, ElementsAre(-1, 77));
  EXPECT_EQ(encoder.inputs[1].role, InputRole::kZeros);
}

TEST(EncoderDescription, SaysHowPicturesAndSoundAreMadeReady) {
  const auto encoders = read(R"([[encoder]]
name = "vision.clip"
modality = "picture"
file = "clip.onnx"
licence = "MIT"
picture = { width = 224, shorter_side = 256, filter = "bilinear", mean = [0.5, 0.4, 0.3], deviation = [0.2, 0.2, 0.2], layout = "nhwc", channels = "bgr" }
[[encoder]]
name = "sound.clap"
modality = "sound"
file = "clap.onnx"
licence = "CC0"
sound = { form = "log_mel", rate = 48000, transform = 1024, hop = 480, bands = 64, low_hz = 50, high_hz = 14000, log = "decibel", layout = "frames_first", short = "repeat" }
)")
                            .value();
  EXPECT_EQ(encoders[0].picture.height, 224) << "as wide as high unless said";
  EXPECT_EQ(encoders[0].picture.shorter_side, 256);
  EXPECT_EQ(encoders[0].picture.mean[1], 0.4F);
  EXPECT_FALSE(encoders[0].picture.channels_first);
  EXPECT_TRUE(encoders[0].picture.bgr);
  EXPECT_EQ(encoders[1].sound.log, MelLog::kDecibel);
  EXPECT_EQ(encoders[1].sound.high_hz, 14000);
  EXPECT_FALSE(encoders[1].sound.bands_first);
  EXPECT_TRUE(encoders[1].sound.repeat_short);
}

TEST(EncoderDescription, AnUnknownKeyIsNamedWithItsLineAndTheNearestOne) {
  EXPECT_THAT(message_of(kBert + "poolng = \"cls\"\n"),
              HasSubstr("encoders.toml: line 7: [[encoder]] text.bert: poolng: no such key; the nearest is pooling"));
  EXPECT_THAT(message_of(R"([[encoder]]
name = "v"
modality = "picture"
file = "v.onnx"
licence = "MIT"
[encoder.picture]
widht = 224
)"),
              HasSubstr("line 7: [[encoder]] v picture: widht: no such key; the nearest is width"));
}

TEST(EncoderDescription, AValueThatCannotBeIsNamedWithWhatCan) {
  EXPECT_THAT(message_of(kBert + "pooling = \"men\"\n"),
              HasSubstr("line 7: [[encoder]] text.bert: pooling: is \"men\": one of none, cls, mean, last is allowed; "
                        "the nearest is mean"));
  EXPECT_THAT(message_of(kBert + "max_length = 1\n"), HasSubstr("max_length: is 1: from 3 to 8192 is allowed"));
  EXPECT_THAT(message_of(kBert + "normalise = 1\n"), HasSubstr("normalise: must be true or false"));
}

TEST(EncoderDescription, WhatIsMissingIsAskedFor) {
  EXPECT_THAT(message_of("[[encoder]]\nname = \"a\"\n"), HasSubstr("line 1: [[encoder]] a: modality: is missing"));
  EXPECT_THAT(message_of("[[encoder]]\nname = \"a\"\nmodality = \"picture\"\nfile = \"a.onnx\"\n"),
              HasSubstr("licence: is missing"));
  EXPECT_THAT(message_of("[[encoder]]\nname = \"a\"\nmodality = \"text\"\nfile = \"a.onnx\"\nlicence = \"MIT\"\n"),
              HasSubstr("tokenizer: is missing"));
  EXPECT_THAT(message_of(kBert + "[[encoder.input]]\nname = \"x\"\n"),
              HasSubstr("holds: is missing: what \"x\" holds cannot be told"));
  EXPECT_THAT(message_of(kBert + "[[encoder.input]]\nname = \"x\"\nholds = \"zeros\"\n"),
              HasSubstr("shape: is missing"));
}

TEST(EncoderDescription, TwoOfOneNameAreRefused) {
  EXPECT_THAT(message_of(kBert + kBert), HasSubstr("line 7: two encoders have the name text.bert"));
}

}  // namespace
}  // namespace zhiyin
