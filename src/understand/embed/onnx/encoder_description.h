// What somebody says of an ONNX model of their own, so that it can serve as an encoder: which file, what goes in, what
// is done before and after. Written in TOML, one [[encoder]] each, in home/encoders.toml (files relative to the home)
// or in encoders/manifest.toml (files relative to the cache); docs/encoders.md shows it key by key.
//
// Plain values; nothing here opens a model.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/perception.h"
#include "understand/embed/onnx/onnx_session.h"

namespace zhiyin {

enum class EncoderModality { kText, kPicture, kSound, kSpeech };

// What an input of the network holds.
enum class InputRole {
  kIds,        // token ids                  [texts, tokens]
  kMask,       // 1 for a token, 0 for padding, same shape
  kTypes,      // 0 for every token, same shape
  kPositions,  // 0, 1, 2, ..., same shape
  kPixels,     // pictures                   [frames, 3, height, width] or [frames, height, width, 3]
  kWave,       // samples                    [windows, samples]
  kFeatures,   // log-mel spectra            [windows, bands, frames] or as `layout` says
  kHidden,     // what the encoder of speech made, for its decoder
  kZeros,      // zeros of the shape given: an input that this use of the model does not need
  kOnes,
};

struct EncoderInput {
  std::string name;
  InputRole role = InputRole::kIds;
  std::optional<OnnxElement> type;  // as the model has it where not said
  std::vector<std::int64_t> shape;  // -1 for any extent; empty: as the model has it
};

enum class TokenizerKind { kWordPiece, kBpe, kUnigram };

struct TokenizerDescription {
  TokenizerKind kind = TokenizerKind::kWordPiece;
  std::filesystem::path file;    // tokenizer.json, vocab.txt, vocab.json or a SentencePiece .model: told by their names
  std::filesystem::path merges;  // merges.txt beside vocab.json
  bool lower_case = true;        // of vocab.txt: what its network was trained with
  bool strip_accents = true;
  bool split_cjk = true;
  // Tokens before and after every text, and behind a short one in a batch; as the kind of file is used to where not
  // said.
  std::optional<std::string> begin;
  std::optional<std::string> end;
  std::optional<std::string> pad;
  int id_offset = 0;  // added to every id of a .model (fairseq's models shift theirs by one)
};

enum class PictureFit { kCrop, kStretch, kPad };
enum class PictureFilter { kBilinear, kBicubic };

struct PictureDescription {
  int width = 224;
  int height = 224;
  PictureFit fit = PictureFit::kCrop;  // crop: the shorter side fits, the middle is taken
  int shorter_side = 0;                // of the picture before it is cropped; 0: as large as the crop
  PictureFilter filter = PictureFilter::kBicubic;
  float scale = 255;  // (value / scale - mean) / deviation
  std::array<float, 3> mean{};
  std::array<float, 3> deviation{1, 1, 1};
  bool channels_first = true;
  bool bgr = false;
};

enum class SoundForm { kWave, kLogMel };
enum class MelScale { kSlaney, kHtk };
enum class MelLog { kNatural, kDecibel, kWhisper };  // whisper: log10, at most 8 under the loudest, (x + 4) / 4

struct SoundDescription {
  SoundForm form = SoundForm::kWave;
  int rate = 16000;           // Hz
  double seconds = 10;        // of one window
  int windows = 4;            // at most, spread over the file
  bool repeat_short = false;  // a short sound is repeated to fill its window; else continued with silence
  bool fit_wave = false;      // waves: brought to mean 0 and deviation 1, as wav2vec wants it
  // log-mel:
  int transform = 400;  // samples of one spectrum, and of its Hann window
  int hop = 160;
  int bands = 80;
  double low_hz = 0;
  double high_hz = 0;  // 0: half the rate
  MelScale scale = MelScale::kSlaney;
  bool equal_area = true;  // each triangle has the area 1 (slaney), else the height 1
  bool drop_last = true;   // the spectrum centred on the end of the sound is left out: 3000 of 30 s, not 3001
  MelLog log = MelLog::kWhisper;
  float mean = 0;  // (x - mean) / deviation
  float deviation = 1;
  bool bands_first = true;
};

// cls: the first token; mean: of all that are not padding; last: the last that is not padding; none: the output is
// already one vector each.
enum class Pooling { kNone, kCls, kMean, kLast };

struct EncoderDescription {
  std::string name;  // also the name of its vectors
  int version = 1;
  EncoderModality modality = EncoderModality::kText;
  std::filesystem::path file;
  std::filesystem::path decoder;     // speech: what turns the encoder's output into words
  std::string output;                // the output that is the vector; the model's first where empty
  std::vector<EncoderInput> inputs;  // as the model names them where empty
  std::vector<EncoderInput> decoder_inputs;
  TokenizerDescription tokenizer;
  PictureDescription picture;
  SoundDescription sound;
  Pooling pooling = Pooling::kNone;
  bool normalise = true;
  int max_length = 512;        // tokens, those around the text counted
  int threads = 1;             // of one run
  bool int8 = false;           // run with products in eight bits, where that says nearly the same (small_encoders.h)
  std::string prefix;          // written before every text ("query: ")
  std::string language;        // speech: "en"; empty: the network says
  std::string space;           // encoders that name the same one were trained together: their vectors can be compared
  EncoderVersions companions;  // the others of its space, whatever they look at; described_encoders() finds them
  std::string licence;
  std::string about;
  std::string place;  // "encoders.toml:12", for errors that come later
};

// All [[encoder]] tables of a file whose paths are relative to `folder`. A file that is not there describes nothing.
// Errors name the file, the line, the key and the fix.
Result<std::vector<EncoderDescription>> read_encoder_descriptions(const std::filesystem::path& file,
                                                                  const std::filesystem::path& folder);

// The role that an input has by its usual name: input_ids, attention_mask, pixel_values, ...
std::optional<InputRole> usual_role(std::string_view input_name);

}  // namespace zhiyin
