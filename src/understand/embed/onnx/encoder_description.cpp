#include "understand/embed/onnx/encoder_description.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "base/toml_table.h"
#include "understand/embed/onnx/description_parts.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;
using Words = std::string_view;

struct RoleName {
  std::string_view name;   // in TOML
  std::string_view usual;  // of the input in exported models, blank-separated
  InputRole role;
};

constexpr RoleName kRoles[] = {
    {"ids", "input_ids decoder_input_ids", InputRole::kIds},
    {"mask", "attention_mask encoder_attention_mask", InputRole::kMask},
    {"types", "token_type_ids", InputRole::kTypes},
    {"positions", "position_ids", InputRole::kPositions},
    {"pixels", "pixel_values", InputRole::kPixels},
    {"wave", "input_values", InputRole::kWave},
    {"features", "input_features", InputRole::kFeatures},
    {"hidden", "encoder_hidden_states", InputRole::kHidden},
    {"zeros", "", InputRole::kZeros},
    {"ones", "", InputRole::kOnes},
};

std::vector<Words> role_names() {
  std::vector<Words> names;
  for (const auto& role : kRoles) names.push_back(role.name);
  return names;
}

Result<fs::path> file_at(const TomlTable& table, std::string_view key, const fs::path& folder, bool needed) {
  ZY_TRY(const auto given,
         needed ? table.needed_text(key, "name a file, relative to " + folder.string()) : table.text(key, {}));
  return given.empty() ? fs::path() : folder / given;
}

Result<EncoderInput> read_input(const TomlTable& table) {
  constexpr Words kKeys[] = {"name", "holds", "type", "shape"};
  ZY_CHECK_OK(table.only(kKeys));
  EncoderInput input;
  ZY_TRY(input.name, table.needed_text("name", "the input's name in the model"));
  const auto usual = usual_role(input.name);
  if (!usual && !table.has("holds")) {
    return table.error("holds", fmt::format("is missing: what \"{}\" holds cannot be told from its name", input.name));
  }
  const auto names = role_names();
  ZY_TRY(const auto role, table.choice("holds", names, usual ? static_cast<std::size_t>(*usual) : 0));
  input.role = kRoles[role].role;
  if (table.has("type")) {
    ZY_TRY(input.type, enumerated(table, "type", {"float32", "int64", "int32"}, OnnxElement::kFloat));
  }
  // Names stand for any extent: ["batch", 77].
  for (const auto& extent : table["shape"].elements()) {
    if (!extent.is_string() && extent.as_integer() < 1) {
      return table.error("shape",
                         "must be a list of whole numbers from 1, with a name for what may be any: [\"batch\", 77]");
    }
    input.shape.push_back(extent.is_string() ? -1 : extent.as_integer());
  }
  const bool constant = input.role == InputRole::kZeros || input.role == InputRole::kOnes;
  if (constant && input.shape.empty()) return table.error("shape", "is missing: an input of zeros or ones needs it");
  return input;
}

Result<std::vector<EncoderInput>> read_inputs(const TomlTable& encoder, std::string_view key) {
  std::vector<EncoderInput> inputs;
  ZY_TRY(const auto tables, encoder.tables(key));
  for (const auto& table : tables) {
    ZY_TRY(auto input, read_input(table));
    inputs.push_back(std::move(input));
  }
  return inputs;
}

Result<TokenizerDescription> read_tokenizer(const TomlTable& encoder, const fs::path& folder) {
  if (!encoder.has("tokenizer")) {
    return encoder.error("tokenizer",
                         "is missing: { kind = \"wordpiece\", file = \"vocab.txt\" }, or the files it came with");
  }
  ZY_TRY(const auto table, encoder.table("tokenizer"));
  constexpr Words kKeys[] = {"kind",      "file",  "merges", "lower_case", "strip_accents",
                             "split_cjk", "begin", "end",    "pad",        "id_offset"};
  ZY_CHECK_OK(table.only(kKeys));
  TokenizerDescription tokenizer;
  if (!table.has("kind")) return table.error("kind", "is missing: wordpiece, bpe or unigram");
  ZY_TRY(tokenizer.kind, enumerated(table, "kind", {"wordpiece", "bpe", "unigram"}, TokenizerKind::kWordPiece));
  ZY_TRY(tokenizer.file, file_at(table, "file", folder, true));
  ZY_TRY(tokenizer.merges, file_at(table, "merges", folder, false));
  const bool alone = tokenizer.file.filename() == "tokenizer.json";
  if (tokenizer.kind == TokenizerKind::kBpe && !alone && tokenizer.merges.empty()) {
    return table.error("merges", "is missing: vocab.json comes with a merges.txt");
  }
  ZY_TRY(tokenizer.lower_case, table.flag("lower_case", tokenizer.kind == TokenizerKind::kWordPiece));
  ZY_TRY(tokenizer.strip_accents, table.flag("strip_accents", tokenizer.lower_case));
  ZY_TRY(tokenizer.split_cjk, table.flag("split_cjk", true));
  for (const auto& [key, token] :
       {std::pair{"begin", &tokenizer.begin}, std::pair{"end", &tokenizer.end}, std::pair{"pad", &tokenizer.pad}}) {
    if (!table.has(key)) continue;
    ZY_TRY(*token, table.text(key, {}));
  }
  ZY_TRY(tokenizer.id_offset, table.whole("id_offset", 0, 0, 1000));
  return tokenizer;
}

Result<EncoderDescription> read_encoder(const TomlTable& table, const fs::path& folder) {
  constexpr Words kKeys[] = {"name",          "version",   "modality", "file",     "decoder", "output",    "input",
                             "decoder_input", "tokenizer", "picture",  "sound",    "pooling", "normalise", "max_length",
                             "threads",       "int8",      "prefix",   "language", "space",   "licence",   "about"};
  ZY_CHECK_OK(table.only(kKeys));
  EncoderDescription encoder;
  ZY_TRY(encoder.name, table.needed_text("name", "how its vectors are called: \"text.bert\""));
  ZY_TRY(encoder.version, table.whole("version", 1, 1, 1'000'000));
  if (!table.has("modality")) return table.error("modality", "is missing: text, picture, sound or speech");
  ZY_TRY(encoder.modality,
         enumerated(table, "modality", {"text", "picture", "sound", "speech"}, EncoderModality::kText));
  ZY_TRY(encoder.file, file_at(table, "file", folder, true));
  ZY_TRY(encoder.licence, table.needed_text("licence", "under which the model may be used, as its makers say"));
  ZY_TRY(encoder.about, table.text("about", {}));
  ZY_TRY(encoder.output, table.text("output", {}));
  ZY_TRY(encoder.inputs, read_inputs(table, "input"));
  ZY_TRY(encoder.normalise, table.flag("normalise", true));
  ZY_TRY(encoder.threads, table.whole("threads", 1, 1, 256));
  ZY_TRY(encoder.int8, table.flag("int8", false));
  ZY_TRY(encoder.prefix, table.text("prefix", {}));
  ZY_TRY(encoder.language, table.text("language", {}));
  ZY_TRY(encoder.space, table.text("space", {}));

  const bool text = encoder.modality == EncoderModality::kText;
  const bool speech = encoder.modality == EncoderModality::kSpeech;
  ZY_TRY(encoder.max_length, table.whole("max_length", speech ? 224 : 512, 3, 8192));
  ZY_TRY(encoder.pooling,
         enumerated(table, "pooling", {"none", "cls", "mean", "last"}, text ? Pooling::kMean : Pooling::kNone));
  if (text || speech) {
    ZY_TRY(encoder.tokenizer, read_tokenizer(table, folder));
  }
  if (encoder.modality == EncoderModality::kPicture) {
    ZY_TRY(encoder.picture, read_picture(table));
  }
  if (speech || encoder.modality == EncoderModality::kSound) {
    ZY_TRY(encoder.sound, read_sound(table, speech));
  }
  if (speech) {
    ZY_TRY(encoder.decoder, file_at(table, "decoder", folder, true));
    ZY_TRY(encoder.decoder_inputs, read_inputs(table, "decoder_input"));
  }
  return encoder;
}

Result<std::vector<EncoderDescription>> read_all(const fs::path& file, const fs::path& folder) {
  std::vector<EncoderDescription> encoders;
  const auto text = read_file(file);
  if (!text.ok() && text.error().code == ErrorCode::kNotFound) return encoders;
  if (!text.ok()) return text.error();
  ZY_TRY(const auto document, parse_toml(*text));
  const auto& list = document.root["encoder"];
  if (!list.is_null() && !list.is_array())
    return invalid(fmt::format("line {}: write [[encoder]], with two brackets", document.line_of("encoder")));
  for (std::size_t i = 0; i < list.elements().size(); ++i) {
    const auto path = fmt::format("encoder.{}", i);
    const auto& table = list.elements()[i];
    if (!table.is_object())
      return invalid(fmt::format("line {}: an encoder is a table: [[encoder]]", document.line_of(path)));
    const auto name = table["name"].as_string();
    ZY_TRY(auto encoder,
           read_encoder({document, table, path,
                         fmt::format("[[encoder]] {}", name.empty() ? std::to_string(i + 1) : std::string(name))},
                        folder));
    encoder.place = fmt::format("{}:{}", file.string(), document.line_of(path));
    if (std::ranges::find(encoders, encoder.name, &EncoderDescription::name) != encoders.end()) {
      return invalid(
          fmt::format("line {}: two encoders have the name {}: vectors are kept by it, so give one another name",
                      document.line_of(path), encoder.name));
    }
    encoders.push_back(std::move(encoder));
  }
  return encoders;
}

}  // namespace

std::optional<InputRole> usual_role(std::string_view input_name) {
  for (const auto& role : kRoles) {
    for (const auto usual : split(role.usual, ' ')) {
      if (!usual.empty() && usual == input_name) return role.role;
    }
  }
  return std::nullopt;
}

Result<std::vector<EncoderDescription>> read_encoder_descriptions(const fs::path& file, const fs::path& folder) {
  return read_all(file, folder).in(file.string());
}

}  // namespace zhiyin
