#include "understand/embed/text/sentencepiece_model.h"

#include <fmt/format.h>

#include "base/protobuf.h"
#include "understand/embed/text/charsmap.h"

namespace zhiyin {
namespace {

// The numbers below are those of sentencepiece_model.proto.
constexpr std::uint64_t kUnigram = 1;
constexpr std::uint64_t kNormalPiece = 1;
constexpr std::uint64_t kUserPiece = 4;

struct Model {
  std::vector<UnigramTokenizer::Piece> pieces;
  std::uint64_t type = kUnigram;
  std::uint64_t unknown = 0;
  bool bytes = false;
  std::string_view charsmap;
  bool blank_first = true;
  bool single_blanks = true;
};

Result<UnigramTokenizer::Piece> read_piece(std::string_view bytes) {
  UnigramTokenizer::Piece piece;
  for (ProtobufReader reader(bytes); !reader.at_end();) {
    ZY_TRY(const auto field, reader.next());
    if (field.number == 1) piece.text = field.bytes;
    if (field.number == 2) piece.score = field.real();
    if (field.number == 3) piece.matched = field.integer == kNormalPiece || field.integer == kUserPiece;
  }
  return piece;
}

Result<void> read_training(std::string_view bytes, Model& model) {
  for (ProtobufReader reader(bytes); !reader.at_end();) {
    ZY_TRY(const auto field, reader.next());
    if (field.number == 3) model.type = field.integer;
    if (field.number == 35) model.bytes = field.integer != 0;
    if (field.number == 40) model.unknown = field.integer;
  }
  return {};
}

Result<void> read_normalisation(std::string_view bytes, Model& model) {
  for (ProtobufReader reader(bytes); !reader.at_end();) {
    ZY_TRY(const auto field, reader.next());
    if (field.number == 2) model.charsmap = field.bytes;
    if (field.number == 3) model.blank_first = field.integer != 0;
    if (field.number == 4) model.single_blanks = field.integer != 0;
  }
  return {};
}

Result<Model> read_model(std::string_view bytes) {
  Model model;
  for (ProtobufReader reader(bytes); !reader.at_end();) {
    ZY_TRY(const auto field, reader.next());
    if (field.number == 1) {
      ZY_TRY(auto piece, read_piece(field.bytes));
      model.pieces.push_back(std::move(piece));
    } else if (field.number == 2) {
      ZY_CHECK_OK(read_training(field.bytes, model));
    } else if (field.number == 3) {
      ZY_CHECK_OK(read_normalisation(field.bytes, model));
    }
  }
  return model;
}

}  // namespace

Result<std::unique_ptr<UnigramTokenizer>> sentencepiece_tokenizer(std::string_view bytes, int id_offset) {
  ZY_TRY(const auto model, read_model(bytes).in("this is no SentencePiece model"));
  if (model.type != kUnigram) {
    return invalid(
        fmt::format("a SentencePiece model of type {}: only unigram models (type 1) are understood; "
                    "the tokenizer.json of the same network may do",
                    model.type));
  }
  UnigramTokenizer::Options options{.blank_first = model.blank_first,
                                    .single_blanks = model.single_blanks,
                                    .bytes = model.bytes,
                                    .unknown = static_cast<std::int64_t>(model.unknown),
                                    .offset = id_offset};
  if (!model.charsmap.empty()) {
    ZY_TRY(auto map, Charsmap::from_bytes(model.charsmap));
    options.normaliser.add([map = std::move(map)](const std::string& text) { return map.apply(text); });
  }
  return UnigramTokenizer::make(model.pieces, std::move(options));
}

}  // namespace zhiyin
