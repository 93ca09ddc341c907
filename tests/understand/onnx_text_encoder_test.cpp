// Text encoders that somebody describes: small BERT- and CLIP-shaped networks, against the same networks in plain
// loops.
#include "understand/embed/text/onnx_text_encoder.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/file.h"
#include "support/temporary_folder.h"
#include "support/tiny_networks.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;
using tiny::Matrix;
using tiny::Plain;
using tiny::Weights;
using tiny::Writer;

constexpr int kWords = 20;
constexpr int kDim = 16;
constexpr int kHeads = 2;
constexpr int kInner = 24;
constexpr int kLongest = 32;
constexpr int kLayers = 2;

// [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, then words.
const std::string kVocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\ncat\n##s\nplay\n##ing\nthe\n音\n乐\nin\nmoon\nlight\ndog\nred\nblue\nof\nhill\n";

std::string bert_bytes(Weights& weights) {
  Writer w(weights);
  const auto ids = w.input("input_ids", OnnxType::kInt64, {-1, -1});
  const auto mask = w.input("attention_mask", OnnxType::kInt64, {-1, -1});
  const auto types = w.input("token_type_ids", OnnxType::kInt64, {-1, -1});
  auto x = w.node("Add", {w.embedding(ids, "words", kWords, kDim), w.embedding(types, "types", 2, kDim)});
  x = w.layer_norm(w.node("Add", {x, w.positions(ids, "places", kLongest, kDim)}), "norm", kDim);
  const auto hidden_from = w.padding_mask(mask);
  for (int layer = 0; layer < kLayers; ++layer) {
    const auto name = "layer" + std::to_string(layer);
    x = w.layer_norm(w.node("Add", {x, w.attention(x, x, hidden_from, name + ".at", kDim, kHeads)}), name + ".n1",
                     kDim);
    x = w.layer_norm(w.node("Add", {x, w.feed_forward(x, name + ".ff", kDim, kInner)}), name + ".n2", kDim);
  }
  w.output(x, "last_hidden_state", OnnxType::kFloat, {-1, -1, kDim});
  return w.model.serialize();
}

Matrix plain_bert(Weights& weights, const std::vector<std::int64_t>& ids) {
  Plain p(weights);
  auto x = Plain::sum(p.embedding(ids, "words", kWords, kDim),
                      p.embedding(std::vector<std::int64_t>(ids.size(), 0), "types", 2, kDim));
  x = p.layer_norm(Plain::sum(x, p.positions(ids.size(), "places", kLongest, kDim)), "norm");
  for (int layer = 0; layer < kLayers; ++layer) {
    const auto name = "layer" + std::to_string(layer);
    x = p.layer_norm(Plain::sum(x, p.attention(x, x, false, name + ".at", kHeads)), name + ".n1");
    x = p.layer_norm(Plain::sum(x, p.feed_forward(x, name + ".ff", kInner)), name + ".n2");
  }
  return x;
}

class OnnxText : public testing::Test {
 protected:
  EncoderDescription bert(Pooling pooling) {
    EXPECT_TRUE(write_file_atomic(folder / "bert.onnx", bert_bytes(weights)).ok());
    EXPECT_TRUE(write_file_atomic(folder / "vocab.txt", kVocabulary).ok());
    EncoderDescription description;
    description.name = "text.tiny";
    description.file = folder / "bert.onnx";
    description.tokenizer = {.kind = TokenizerKind::kWordPiece, .file = folder / "vocab.txt"};
    description.pooling = pooling;
    description.max_length = kLongest;
    description.place = "encoders.toml:1";
    return description;
  }
  TemporaryFolder folder;
  Weights weights{7};
};

void expect_near(std::span<const float> found, const std::vector<float>& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t k = 0; k < wanted.size(); ++k) EXPECT_NEAR(found[k], wanted[k], 2e-5) << k;
}

const std::vector<std::string> kTexts = {"the cats playing in moonlight", "", "音乐", "a dog"};
const std::vector<std::vector<std::int64_t>> kIds = {{2, 9, 5, 6, 7, 8, 12, 1, 3}, {}, {2, 10, 11, 3}, {2, 4, 15, 3}};

TEST_F(OnnxText, ABertGivesTheMeanOfItsTokensPaddingLeftOut) {
  const auto encoder = OnnxTextEncoder::open(bert(Pooling::kMean)).value();
  ASSERT_EQ(encoder->dim(), static_cast<std::size_t>(kDim));
  const auto vectors = encoder->encode(kTexts).value();
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    std::vector<float> wanted(kDim, 0.0F);
    if (!kIds[i].empty()) {
      const auto states = plain_bert(weights, kIds[i]);
      for (std::size_t step = 0; step < states.rows; ++step) {
        for (std::size_t k = 0; k < kDim; ++k) wanted[k] += static_cast<float>(states.at(step, k));
      }
      wanted = tiny::unit_length(wanted);
    }
    expect_near(std::span(vectors).subspan(i * kDim, kDim), wanted);
  }
}

TEST_F(OnnxText, ABertGivesItsFirstOrItsLastToken) {
  const auto first = OnnxTextEncoder::open(bert(Pooling::kCls)).value()->encode(kTexts).value();
  const auto last = OnnxTextEncoder::open(bert(Pooling::kLast)).value()->encode(kTexts).value();
  const auto states = plain_bert(weights, kIds[3]);
  expect_near(std::span(first).subspan(3 * kDim), tiny::unit_length(states.row(0)));
  expect_near(std::span(last).subspan(3 * kDim), tiny::unit_length(states.row(3)));
}

TEST_F(OnnxText, ALongTextIsCutAndAPrefixIsRead) {
  auto description = bert(Pooling::kCls);
  description.max_length = 4;
  description.prefix = "the ";
  description.normalise = false;
  const auto encoder = OnnxTextEncoder::open(description).value();
  expect_near(encoder->encode_one("dog of hill").value(), plain_bert(weights, {2, 9, 15, 3}).row(0));
}

// CLIP's text half: every step sees only what stands before it, the vector is the projected state of the last token.
// The file holds a picture input that the text does not need, and wants eight tokens, no more and no fewer.
constexpr int kClipWords = 8;
constexpr int kClipLength = 8;
constexpr int kProjected = 6;
constexpr const char* kClipVocabulary =
    R"({"c":0,"a":1,"t</w>":2,"ca":3,"cat</w>":4,"a</w>":5,"<|startoftext|>":6,"<|endoftext|>":7})";

std::string clip_bytes(Weights& weights) {
  Writer w(weights);
  const auto ids = w.input("input_ids", OnnxType::kInt64, {-1, kClipLength});
  const auto pixels = w.input("image", OnnxType::kFloat, {-1, 3, 4, 4});
  auto x = w.node("Add", {w.embedding(ids, "words", kClipWords, kDim), w.positions(ids, "places", kClipLength, kDim)});
  const auto later = w.causal_mask(ids);
  const auto normed = w.layer_norm(x, "n1", kDim);
  x = w.node("Add", {x, w.attention(normed, normed, later, "at", kDim, kHeads)});
  x = w.node("Add", {x, w.feed_forward(w.layer_norm(x, "n2", kDim), "ff", kDim, kInner)});
  x = w.layer_norm(x, "n3", kDim);
  // The first of the highest ids is the end of the text.
  const auto end = w.node("ArgMax", {ids}, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{1}}});
  const auto picked = w.node("GatherND", {x, end}, {{"batch_dims", std::int64_t{1}}});
  const auto unused = w.node("ReduceSum", {pixels, w.integers({1, 2, 3})}, {{"keepdims", std::int64_t{0}}});
  const auto vector = w.node("MatMul", {picked, w.weight("projection", {kDim, kProjected})});
  w.output(w.node("Add", {vector, w.node("Unsqueeze", {unused, w.integers({1})})}), "text_embeds", OnnxType::kFloat,
           {-1, kProjected});
  return w.model.serialize();
}

std::vector<float> plain_clip(Weights& weights, const std::vector<std::int64_t>& ids) {
  Plain p(weights);
  auto x =
      Plain::sum(p.embedding(ids, "words", kClipWords, kDim), p.positions(ids.size(), "places", kClipLength, kDim));
  const auto normed = p.layer_norm(x, "n1");
  x = Plain::sum(x, p.attention(normed, normed, true, "at", kHeads));
  x = Plain::sum(x, p.feed_forward(p.layer_norm(x, "n2"), "ff", kInner));
  x = p.layer_norm(x, "n3");
  const auto& projection = weights.get("projection", kDim * kProjected);
  std::vector<float> vector(kProjected, 0.0F);
  for (std::size_t k = 0; k < kDim; ++k) {
    for (std::size_t c = 0; c < kProjected; ++c)
      vector[c] += static_cast<float>(x.at(x.rows - 1, k) * projection[k * kProjected + c]);
  }
  return tiny::unit_length(vector);
}

EncoderDescription clip(const TemporaryFolder& folder, Weights& weights) {
  EXPECT_TRUE(write_file_atomic(folder / "clip.onnx", clip_bytes(weights)).ok());
  EXPECT_TRUE(write_file_atomic(folder / "vocab.json", kClipVocabulary).ok());
  EXPECT_TRUE(write_file_atomic(folder / "merges.txt", "#version: 0.2\nc a\nca t</w>\n").ok());
  EncoderDescription description;
  description.name = "text.clip";
  description.file = folder / "clip.onnx";
  description.inputs = {{"image", InputRole::kZeros, {}, {-1, 3, 4, 4}}};
  description.tokenizer = {.kind = TokenizerKind::kBpe, .file = folder / "vocab.json", .merges = folder / "merges.txt"};
  description.pooling = Pooling::kNone;
  description.max_length = 77;
  description.place = "encoders.toml:1";
  return description;
}

TEST_F(OnnxText, ClipsTextHalfGivesTheProjectedEndOfTheText) {
  const auto encoder = OnnxTextEncoder::open(clip(folder, weights)).value();
  ASSERT_EQ(encoder->dim(), static_cast<std::size_t>(kProjected));
  const std::vector<std::string> texts{"A cat", "cat", "cat cat cat cat cat cat cat cat cat"};
  const auto vectors = encoder->encode(texts).value();
  expect_near(std::span(vectors).subspan(0, kProjected), plain_clip(weights, {6, 5, 4, 7}));
  expect_near(std::span(vectors).subspan(kProjected, kProjected), plain_clip(weights, {6, 4, 7}));
  expect_near(std::span(vectors).subspan(2 * kProjected), plain_clip(weights, {6, 4, 4, 4, 4, 4, 4, 7}));
}

std::string problem_of(const EncoderDescription& description) {
  const auto opened = OnnxTextEncoder::open(description);
  return opened.ok() ? "no error" : opened.error().message;
}

TEST_F(OnnxText, WhatDoesNotFitIsSaidWhenItIsOpened) {
  auto wrong = bert(Pooling::kMean);
  wrong.file = folder / "nothing.onnx";
  EXPECT_THAT(problem_of(wrong), testing::AllOf(HasSubstr("encoders.toml:1: text.tiny"), HasSubstr("nothing.onnx")));

  wrong = bert(Pooling::kMean);
  wrong.output = "last_hidden_stat";
  EXPECT_THAT(problem_of(wrong), HasSubstr("no output \"last_hidden_stat\"; the nearest is \"last_hidden_state\""));

  wrong = bert(Pooling::kMean);
  wrong.inputs = {{"input_id", InputRole::kIds, {}, {}}};
  EXPECT_THAT(problem_of(wrong), HasSubstr("no input \"input_id\"; the nearest is \"input_ids\""));

  wrong = bert(Pooling::kMean);
  wrong.inputs = {{"input_ids", InputRole::kIds, OnnxElement::kFloat, {}}};
  EXPECT_THAT(problem_of(wrong), HasSubstr("input \"input_ids\" is int64 in the model, not float32"));

  wrong = bert(Pooling::kNone);
  EXPECT_THAT(problem_of(wrong), HasSubstr("is not one vector each: say pooling"));

  Weights others(8);
  wrong = clip(folder, others);
  wrong.inputs = {};
  EXPECT_THAT(problem_of(wrong), HasSubstr("the model wants an input \"image\": say what it holds"));

  wrong = clip(folder, others);
  wrong.inputs.push_back({"input_ids", InputRole::kIds, {}, {-1, 77}});
  EXPECT_THAT(problem_of(wrong), HasSubstr("input \"input_ids\" has the shape [any, 8] in the model, not [any, 77]"));
}

}  // namespace
}  // namespace zhiyin
