// Encoders of sound, and speech to words, that somebody describes: small networks of wav2vec's and Whisper's shape
// against the same networks in plain loops.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/file.h"
#include "support/media_files.h"
#include "support/temporary_folder.h"
#include "support/tiny_networks.h"
#include "understand/embed/sound/onnx_sound_sense.h"
#include "understand/embed/sound/onnx_speech_to_words.h"

namespace zhiyin {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using tiny::Matrix;
using tiny::Plain;
using tiny::Weights;
using tiny::Writer;

std::vector<float> melody(std::size_t samples) {
  std::vector<float> sound(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    const double t = static_cast<double>(i) / 16000;
    sound[i] = static_cast<float>(0.3 * std::sin(2 * std::numbers::pi * (200 + 150 * std::floor(4 * t)) * t));
  }
  return sound;
}

TEST(SoundWindows, AreSpreadOverTheSoundAndFull) {
  const SoundDescription d{.rate = 10, .seconds = 1, .windows = 3};
  std::vector<float> ramp(50);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i);
  const auto windows = sound_windows(ramp, d);
  ASSERT_EQ(windows.size(), 3U);
  EXPECT_EQ(windows[0][0], 0);
  EXPECT_EQ(windows[1][0], 20);
  EXPECT_EQ(windows[2][9], 49);
  EXPECT_TRUE(sound_windows({}, d).empty());
}

TEST(SoundWindows, AShortSoundIsContinuedOrRepeated) {
  SoundDescription d{.rate = 4, .seconds = 1};
  EXPECT_THAT(sound_windows(std::vector<float>{1, 2}, d).at(0), ElementsAre(1, 2, 0, 0));
  d.repeat_short = true;
  EXPECT_THAT(sound_windows(std::vector<float>{1, 2, 3}, d).at(0), ElementsAre(1, 2, 3, 1));
}

constexpr int kDim = 8;
constexpr int kHeads = 2;
constexpr int kInner = 12;

// A convolution over steps: x is steps x in, w is [out, in, width]; as many zeros before as after.
Matrix convolved(Weights& weights, const std::string& name, const Matrix& x, std::size_t out, std::size_t width,
                 std::size_t stride, std::size_t padding) {
  const auto& w = weights.get(name + ".w", out * x.columns * width);
  const auto& b = weights.get(name + ".b", out);
  Matrix y((x.rows + 2 * padding - width) / stride + 1, out);
  for (std::size_t step = 0; step < y.rows; ++step) {
    for (std::size_t o = 0; o < out; ++o) {
      double sum = b[o];
      for (std::size_t k = 0; k < width; ++k) {
        const auto at = step * stride + k;
        if (at < padding || at - padding >= x.rows) continue;
        for (std::size_t i = 0; i < x.columns; ++i) sum += x.at(at - padding, i) * w[(o * x.columns + i) * width + k];
      }
      y.at(step, o) = sum;
    }
  }
  return y;
}

std::string conv(Writer& w, const std::string& x, const std::string& name, int in, int out, int width, int stride,
                 int padding) {
  return w.node("Conv", {x, w.weight(name + ".w", {out, in, width}), w.weight(name + ".b", {out})},
                {{"kernel_shape", Writer::Integers{width}},
                 {"strides", Writer::Integers{stride}},
                 {"pads", Writer::Integers{padding, padding}}});
}

class OnnxSound : public testing::Test {
 protected:
  TemporaryFolder folder;
  Weights weights{5};
};

// wav2vec's shape: strided convolutions over samples, then attention; the mean over steps.
TEST_F(OnnxSound, AWaveEncoderGivesTheMeanOfItsStepsOverAllWindows) {
  Writer w(weights);
  const auto wave = w.input("input_values", OnnxType::kFloat, {-1, -1});
  auto x = conv(w, w.node("Unsqueeze", {wave, w.integers({1})}), "c1", 1, kDim, 40, 20, 0);
  x = w.node("Transpose", {conv(w, w.gelu(x), "c2", kDim, kDim, 8, 4, 0)}, {{"perm", Writer::Integers{0, 2, 1}}});
  x = w.layer_norm(w.node("Add", {x, w.attention(x, x, "", "at", kDim, kHeads)}), "n", kDim);
  w.output(x, "last_hidden_state", OnnxType::kFloat, {-1, -1, kDim});
  ASSERT_TRUE(write_file_atomic(folder / "wave.onnx", w.model.serialize()).ok());
  EncoderDescription description;
  description.name = "sound.tiny";
  description.modality = EncoderModality::kSound;
  description.file = folder / "wave.onnx";
  description.pooling = Pooling::kMean;
  description.sound = {.seconds = 0.25, .windows = 2, .fit_wave = true};
  const auto sense = OnnxSoundSense::open(description).value();
  ASSERT_EQ(sense->dim(), static_cast<std::size_t>(kDim));

  Decoded decoded;
  decoded.speech = {16000, melody(12000)};
  Perception found;
  ASSERT_TRUE(sense->perceive(decoded, found).ok());
  ASSERT_EQ(found.vectors.size(), 1U);

  std::vector<float> wanted(kDim, 0.0F);
  for (auto window : sound_windows(decoded.speech.samples, description.sound)) {
    double mean = 0;
    double variance = 0;
    for (const float s : window) mean += double{s} / static_cast<double>(window.size());
    for (const float s : window) variance += (s - mean) * (s - mean) / static_cast<double>(window.size());
    Matrix samples(window.size(), 1);
    for (std::size_t i = 0; i < window.size(); ++i) samples.at(i, 0) = (window[i] - mean) / std::sqrt(variance + 1e-7);
    Plain p(weights);
    auto steps =
        convolved(weights, "c2", Plain::gelu(convolved(weights, "c1", samples, kDim, 40, 20, 0)), kDim, 8, 4, 0);
    steps = p.layer_norm(Plain::sum(steps, p.attention(steps, steps, false, "at", kHeads)), "n");
    std::vector<float> vector(kDim, 0.0F);
    for (std::size_t step = 0; step < steps.rows; ++step) {
      for (std::size_t k = 0; k < kDim; ++k) vector[k] += static_cast<float>(steps.at(step, k));
    }
    vector = tiny::unit_length(vector);
    for (std::size_t k = 0; k < kDim; ++k) wanted[k] += vector[k];
  }
  wanted = tiny::unit_length(wanted);
  for (std::size_t k = 0; k < kDim; ++k) EXPECT_NEAR(found.vectors[0].values[k], wanted[k], 5e-5);
}

TEST_F(OnnxSound, AFileWithoutSoundHasNoVectorAndAWrongShapeIsSaidWhenItIsOpened) {
  Writer w(weights);
  const auto features = w.input("input_features", OnnxType::kFloat, {-1, 64, 100});
  w.output(w.node("ReduceMean", {features}, {{"axes", Writer::Integers{2}}, {"keepdims", std::int64_t{0}}}), "out",
           OnnxType::kFloat, {-1, 64});
  ASSERT_TRUE(write_file_atomic(folder / "mel.onnx", w.model.serialize()).ok());
  EncoderDescription description;
  description.name = "sound.mel";
  description.file = folder / "mel.onnx";
  description.place = "encoders.toml:9";
  description.sound = {.form = SoundForm::kLogMel, .seconds = 1, .bands = 64, .high_hz = 8000};
  Perception found;
  ASSERT_TRUE(OnnxSoundSense::open(description).value()->perceive({}, found).ok());
  EXPECT_TRUE(found.vectors.empty());
  description.sound.bands = 80;
  const auto opened = OnnxSoundSense::open(description);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message,
              AllOf(HasSubstr("encoders.toml:9"), HasSubstr("[-1, 64, 100]"), HasSubstr("[1, 80, 100]")));
  description.sound.form = SoundForm::kWave;
  EXPECT_THAT(OnnxSoundSense::open(description).error().message, HasSubstr("no input of the model holds wave"));
}

// --- Whisper's shape: 80 x 3000 in, 1500 states, a decoder that sees them.

constexpr int kStates = 1500;
constexpr int kLongest = 16;
constexpr int kVocabulary = 27;
constexpr std::int64_t kEnd = 20;
constexpr std::int64_t kStart = 21;
constexpr std::int64_t kEnglish = 22;
constexpr std::int64_t kChinese = 23;
constexpr std::int64_t kTranscribe = 24;
constexpr std::int64_t kNoTimes = 25;

std::string whisper_tokenizer() {
  std::string vocab;
  for (int i = 0; i < 20; ++i)
    vocab += std::string(i == 0 ? "" : ",") + "\"" + (i == 19 ? "Ġ" : std::string(1, static_cast<char>('a' + i))) +
             "\":" + std::to_string(i);
  return R"({"added_tokens":[{"id":20,"content":"<|endoftext|>"},{"id":21,"content":"<|startoftranscript|>"},{"id":22,"content":"<|en|>"},
    {"id":23,"content":"<|zh|>"},{"id":24,"content":"<|transcribe|>"},{"id":25,"content":"<|notimestamps|>"}],
    "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"model":{"type":"BPE","merges":[],"vocab":{)" +
         vocab + "}}}";
}

std::string whisper_encoder(Weights& weights) {
  Writer w(weights);
  const auto features = w.input("input_features", OnnxType::kFloat, {-1, 80, 3000});
  auto x = w.gelu(conv(w, features, "c1", 80, kDim, 3, 1, 1));
  x = w.node("Transpose", {w.gelu(conv(w, x, "c2", kDim, kDim, 3, 2, 1))}, {{"perm", Writer::Integers{0, 2, 1}}});
  x = w.node("Add", {x, w.weight("places", {kStates, kDim})});
  const auto normed = w.layer_norm(x, "n1", kDim);
  x = w.node("Add", {x, w.attention(normed, normed, "", "at", kDim, kHeads)});
  x = w.node("Add", {x, w.feed_forward(w.layer_norm(x, "n2", kDim), "ff", kDim, kInner)});
  w.output(w.layer_norm(x, "n3", kDim), "last_hidden_state", OnnxType::kFloat, {-1, kStates, kDim});
  return w.model.serialize();
}

Matrix plain_whisper_encoder(Weights& weights, const std::vector<float>& features) {
  Matrix x(3000, 80);
  for (std::size_t f = 0; f < 3000; ++f) {
    for (std::size_t b = 0; b < 80; ++b) x.at(f, b) = features[b * 3000 + f];
  }
  Plain p(weights);
  x = Plain::gelu(convolved(weights, "c1", x, kDim, 3, 1, 1));
  x = Plain::gelu(convolved(weights, "c2", x, kDim, 3, 2, 1));
  const auto& places = weights.get("places", kStates * kDim);
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += places[i];
  const auto normed = p.layer_norm(x, "n1");
  x = Plain::sum(x, p.attention(normed, normed, false, "at", kHeads));
  x = Plain::sum(x, p.feed_forward(p.layer_norm(x, "n2"), "ff", kInner));
  return p.layer_norm(x, "n3");
}

std::string whisper_decoder(Weights& weights) {
  Writer w(weights);
  const auto ids = w.input("input_ids", OnnxType::kInt64, {-1, -1});
  const auto hidden = w.input("encoder_hidden_states", OnnxType::kFloat, {-1, kStates, kDim});
  auto x = w.node("Add", {w.embedding(ids, "words", kVocabulary, kDim), w.positions(ids, "d.places", kLongest, kDim)});
  const auto n1 = w.layer_norm(x, "d.n1", kDim);
  x = w.node("Add", {x, w.attention(n1, n1, w.causal_mask(ids), "d.self", kDim, kHeads)});
  x = w.node("Add", {x, w.attention(w.layer_norm(x, "d.n2", kDim), hidden, "", "d.cross", kDim, kHeads)});
  x = w.node("Add", {x, w.feed_forward(w.layer_norm(x, "d.n3", kDim), "d.ff", kDim, kInner)});
  const auto words = w.node("Transpose", {w.weight("words", {kVocabulary, kDim})}, {{"perm", Writer::Integers{1, 0}}});
  const auto logits = w.node("MatMul", {w.layer_norm(x, "d.n4", kDim), words});
  w.output(w.node("Add", {logits, w.weight("bias", {kVocabulary})}), "logits", OnnxType::kFloat, {-1, -1, kVocabulary});
  return w.model.serialize();
}

std::vector<double> plain_next(Weights& weights, const std::vector<std::int64_t>& ids, const Matrix& hidden) {
  Plain p(weights);
  auto x =
      Plain::sum(p.embedding(ids, "words", kVocabulary, kDim), p.positions(ids.size(), "d.places", kLongest, kDim));
  const auto n1 = p.layer_norm(x, "d.n1");
  x = Plain::sum(x, p.attention(n1, n1, true, "d.self", kHeads));
  x = Plain::sum(x, p.attention(p.layer_norm(x, "d.n2"), hidden, false, "d.cross", kHeads));
  x = Plain::sum(x, p.feed_forward(p.layer_norm(x, "d.n3"), "d.ff", kInner));
  x = p.layer_norm(x, "d.n4");
  const auto& words = weights.get("words", kVocabulary * kDim);
  std::vector<double> scores;
  for (std::size_t v = 0; v < kVocabulary; ++v) {
    scores.push_back(weights.get("bias", kVocabulary)[v]);
    for (std::size_t k = 0; k < kDim; ++k) scores[v] += x.at(x.rows - 1, k) * words[v * kDim + k];
  }
  return scores;
}

class Whisper : public OnnxSound {
 protected:
  EncoderDescription description() {
    EXPECT_TRUE(write_file_atomic(folder / "encoder.onnx", whisper_encoder(weights)).ok());
    EXPECT_TRUE(write_file_atomic(folder / "decoder.onnx", whisper_decoder(weights)).ok());
    EXPECT_TRUE(write_file_atomic(folder / "tokenizer.json", whisper_tokenizer()).ok());
    EncoderDescription whisper;
    whisper.name = "speech.tiny";
    whisper.modality = EncoderModality::kSpeech;
    whisper.file = folder / "encoder.onnx";
    whisper.decoder = folder / "decoder.onnx";
    whisper.tokenizer = {.kind = TokenizerKind::kBpe, .file = folder / "tokenizer.json"};
    whisper.sound = {.form = SoundForm::kLogMel, .seconds = 30, .high_hz = 8000};
    whisper.max_length = 14;
    whisper.place = "encoders.toml:1";
    return whisper;
  }
  // Tokens that shall come (or not) whatever is heard.
  void lean(std::map<std::size_t, float> towards) {
    std::vector<float> bias(kVocabulary, 0.0F);
    for (const auto& [token, by] : towards) bias[token] = by;
    weights.set("bias", bias);
  }
};

TEST_F(Whisper, SaysWhatTheSameNetworkInPlainLoopsSays) {
  weights.get("d.places", kLongest * kDim,
              3.0F);  // large, so that it says something else at every step: no loop to cut
  const auto whisper = description();
  const auto recogniser = OnnxSpeechToWords::open(whisper).value();
  const auto speech = melody(40000);
  const auto transcript = recogniser->transcribe(speech).value();

  auto window = speech;
  window.resize(480000, 0.0F);
  const auto hidden = plain_whisper_encoder(weights, LogMel(whisper.sound)(window));
  const auto first = plain_next(weights, {kStart}, hidden);
  const auto language = first[kEnglish] > first[kChinese] ? kEnglish : kChinese;
  std::vector<std::int64_t> ids{kStart, language, kTranscribe, kNoTimes};
  std::vector<std::int64_t> said;
  double log_probability = 0;
  while (ids.size() < 14) {
    const auto scores = plain_next(weights, ids, hidden);
    const auto best = std::max_element(scores.begin(), scores.begin() + kEnd + 1);  // no special token but the end
    if (best - scores.begin() == kEnd) break;
    double sum = 0;
    for (const double score : scores) sum += std::exp(score - *best);
    log_probability -= std::log(sum);
    said.push_back(best - scores.begin());
    ids.push_back(said.back());
  }
  ASSERT_GE(said.size(), 3U) << "another seed is needed: this network says too little to compare";
  EXPECT_EQ(transcript.ids, said);
  EXPECT_EQ(transcript.language, language == kEnglish ? "en" : "zh");
  EXPECT_NEAR(transcript.confidence, std::exp(log_probability / static_cast<double>(said.size())), 1e-4);
}

TEST_F(Whisper, PassagesHaveTheTimesOfTheirWindows) {
  lean({{2, 30.0F}});  // always "c": a loop, of which one round is kept
  const auto recogniser = OnnxSpeechToWords::open(description()).value();
  const Sound sound{16000, melody(16000 * 75)};
  // The first two fit into one window of 30 s, the third is longer than one.
  const std::vector<SpeechSegment> segments{{1, 4}, {10, 20}, {35, 70}};
  const auto passages = recogniser->words(sound, segments).value();
  ASSERT_EQ(passages.size(), 3U);
  EXPECT_EQ(passages[0].kind, "speech");
  EXPECT_EQ(passages[0].encoder, "speech.tiny");
  EXPECT_EQ(passages[0].text, "c");
  EXPECT_EQ(passages[0].start_s, 1);
  EXPECT_EQ(passages[0].end_s, 20);
  EXPECT_EQ(passages[1].end_s, 65);
  EXPECT_EQ(passages[2].start_s, 65);
  EXPECT_EQ(passages[2].end_s, 70);
  EXPECT_GT(passages[0].confidence, 0.99);
}

TEST_F(Whisper, NothingUnderstoodIsNoPassageAndTokensForMachinesAreNeverWords) {
  lean({{kEnd, 30.0F}, {kNoTimes, 60.0F}, {26, 70.0F}});
  const auto recogniser = OnnxSpeechToWords::open(description()).value();
  const std::vector<SpeechSegment> segments{{0, 1}};
  EXPECT_TRUE(recogniser->words({16000, melody(16000)}, segments).value().empty());
}

TEST_F(Whisper, TheLanguageMayBeSaidAndMustBeKnown) {
  auto whisper = description();
  whisper.language = "zh";
  EXPECT_EQ(OnnxSpeechToWords::open(whisper).value()->transcribe(melody(8000)).value().language, "zh");
  whisper.language = "ze";
  EXPECT_THAT(OnnxSpeechToWords::open(whisper).error().message,
              AllOf(HasSubstr("encoders.toml:1"), HasSubstr("no language \"ze\"; the nearest is")));
}

TEST_F(Whisper, ATokenizerWithoutWhispersTokensIsRefused) {
  auto whisper = description();
  ASSERT_TRUE(
      write_file_atomic(folder / "tokenizer.json",
                        R"({"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","merges":[],"vocab":{"a":0}}})")
          .ok());
  EXPECT_THAT(OnnxSpeechToWords::open(whisper).error().message, HasSubstr("<|startoftranscript|>"));
}

}  // namespace
}  // namespace zhiyin
