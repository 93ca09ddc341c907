// Encoders that a user describes with int8 = true: made small once, used where they say the same, left alone where not.
#include "understand/embed/small_encoders.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/file.h"
#include "base/random.h"
#include "support/temporary_folder.h"
#include "support/tiny_networks.h"
#include "understand/embed/onnx/shrink.h"
#include "understand/embed/text/known_sentences.h"
#include "understand/embed/text/onnx_text_encoder.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr int kDim = 64;
constexpr int kWords = 200;

class SmallEncoders : public testing::Test {
 protected:
  SmallEncoders() {
    std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
    for (char c = 'a'; c <= 'z'; ++c) vocabulary += std::string(1, c) + "\n##" + c + "\n";
    for (int digit = 0; digit < 10; ++digit) vocabulary += fmt::format("{}\n##{}\n", digit, digit);
    EXPECT_TRUE(write_file_atomic(folder / "vocab.txt", vocabulary).ok());
  }

  // Words, a layer, and what `more` makes of it.
  template <typename More>
  EncoderDescription encoder(std::uint64_t seed, const More& more) {
    tiny::Weights weights(seed);
    tiny::Writer w(weights);
    const auto ids = w.input("input_ids", OnnxType::kInt64, {-1, -1});
    const auto x = w.gelu(w.linear(w.embedding(ids, "words", kWords, kDim), "layer", kDim, kDim));
    w.output(more(w, weights, x), "last_hidden_state", OnnxType::kFloat, {-1, -1, kDim});
    EXPECT_TRUE(write_file_atomic(folder / "model.onnx", w.model.serialize()).ok());
    EncoderDescription description;
    description.name = "text.tiny";
    description.file = folder / "model.onnx";
    description.tokenizer = {.kind = TokenizerKind::kWordPiece, .file = folder / "vocab.txt"};
    description.pooling = Pooling::kMean;
    description.place = "encoders.toml:1";
    description.int8 = true;
    return description;
  }
  EncoderDescription plain(std::uint64_t seed = 5) {
    return encoder(seed, [](auto&, auto&, const std::string& x) { return x; });
  }
  static std::vector<float> said(const EncoderDescription& description) {
    const auto encoder = OnnxTextEncoder::open(description);
    EXPECT_TRUE(encoder.ok()) << encoder.error().message;
    return encoder.ok() ? (*encoder)->encode(known_sentences()).value() : std::vector<float>();
  }
  std::size_t kept() {
    std::error_code none;
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder / "cache/int8", none), {}));
  }
  TemporaryFolder folder;
};

TEST_F(SmallEncoders, SayNearlyTheSameInAQuarterOfTheSpace) {
  const auto whole = plain();
  const auto small = small_encoder(whole, folder / "cache");
  EXPECT_THAT(small.found, StartsWith("in eight bits: 0.0 of 0.1 MB, products 1, tables 1, cosine "));
  EXPECT_EQ(small.description.file.parent_path(), folder / "cache/int8");
  EXPECT_LT(std::filesystem::file_size(small.description.file) * 3, std::filesystem::file_size(whole.file));
  const auto expected = said(whole);
  const auto found = said(small.description);
  EXPECT_NE(found, expected) << "another network ran";
  EXPECT_GT(least_cosine(expected, found, kDim), 0.999);
  EXPECT_EQ(kept(), 2U) << "a network and its note, nothing aside";
}

TEST_F(SmallEncoders, AreMadeOnceAndAnewWhenTheFileChanges) {
  const auto first = small_encoder(plain(), folder / "cache").description.file;
  const auto made = std::filesystem::last_write_time(first);
  EXPECT_EQ(small_encoder(plain(), folder / "cache").description.file, first);
  EXPECT_EQ(std::filesystem::last_write_time(first), made);
  EXPECT_NE(small_encoder(plain(6), folder / "cache").description.file, first);
  EXPECT_EQ(kept(), 4U);
}

// The difference of two layers that are almost one: all that is left of it in fewer bits is rounding.
TEST_F(SmallEncoders, ThatBecomeUnlikeAreNotUsed) {
  const auto fragile = encoder(5, [](tiny::Writer& w, tiny::Weights& weights, const std::string& x) {
    auto nearly = weights.get("a.w", std::size_t{kDim} * kDim);
    Random random(3);
    for (float& value : nearly) value += 1e-5F * random.normal();
    weights.set("b.w", nearly);
    weights.set("b.b", weights.get("a.b", kDim));
    return w.node("Sub", {w.linear(x, "a", kDim, kDim), w.linear(x, "b", kDim, kDim)});
  });
  const auto small = small_encoder(fragile, folder / "cache");
  EXPECT_THAT(small.found, StartsWith("not in eight bits: the small model's outputs have a cosine of"));
  EXPECT_EQ(small.description.file, fragile.file);
  EXPECT_EQ(kept(), 1U) << "the note alone";
  EXPECT_EQ(small_encoder(fragile, folder / "cache").found, small.found);
}

TEST_F(SmallEncoders, AModelThatDoesNotRunIsNoReasonForLater) {
  auto description = plain();
  description.output = "no such output";
  EXPECT_THAT(small_encoder(description, folder / "cache").found, HasSubstr("no such output"));
  description.output.clear();
  EXPECT_THAT(small_encoder(description, folder / "cache").found, StartsWith("in eight bits"));
  description.file = folder / "gone.onnx";
  EXPECT_THAT(small_encoder(description, folder / "cache").found, HasSubstr("gone.onnx"));
}

TEST_F(SmallEncoders, AreLeftAloneUnlessSomebodyAsks) {
  auto description = plain();
  description.int8 = false;
  const auto small = small_encoder(description, folder / "cache");
  EXPECT_EQ(small.found, "");
  EXPECT_EQ(small.description.file, description.file);
  EXPECT_EQ(kept(), 0U);
}

}  // namespace
}  // namespace zhiyin
