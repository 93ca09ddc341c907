#include "understand/embed/text/sentencepiece_model.h"

#include <fmt/format.h>

#include <cstring>

#include "understand/embed/text/charsmap.h"

namespace zhiyin {
namespace {

// One field of a protobuf message: a number, or bytes that may be a message themselves.
struct Field {
  int number = 0;
  std::uint64_t integer = 0;
  float real = 0;
  std::string_view bytes;
};

// Reads a message field by field. The bytes are somebody's: every length is checked.
class MessageReader {
 public:
  explicit MessageReader(std::string_view bytes) : left_(bytes) {}
  [[nodiscard]] bool at_end() const { return left_.empty(); }

  Result<Field> next() {
    Field field;
    ZY_TRY(const auto key, varint());
    field.number = static_cast<int>(key >> 3U);
    switch (key & 7U) {
      case 0: {
        ZY_TRY(field.integer, varint());
        return field;
      }
      case 1: {
        ZY_TRY(field.bytes, take(8));
        return field;
      }
      case 2: {
        ZY_TRY(const auto size, varint());
        ZY_TRY(field.bytes, take(size));
        return field;
      }
      case 5: {
        ZY_TRY(field.bytes, take(4));
        std::memcpy(&field.real, field.bytes.data(), 4);
        return field;
      }
      default: return damaged();
    }
  }

 private:
  static Error damaged() { return invalid("this is no SentencePiece model, or it is cut off"); }
  Result<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) return damaged();
      const auto byte = static_cast<unsigned char>(left_[0]);
      left_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    return damaged();
  }
  Result<std::string_view> take(std::uint64_t size) {
    if (size > left_.size()) return damaged();
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  std::string_view left_;
};

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
  for (MessageReader reader(bytes); !reader.at_end();) {
    ZY_TRY(const auto field, reader.next());
    if (field.number == 1) piece.text = field.bytes;
    if (field.number == 2) piece.score = field.real;
    if (field.number == 3) piece.matched = field.integer == kNormalPiece || field.integer == kUserPiece;
  }
  return piece;
}

Result<void> read_training(std::string_view bytes, Model& model) {
  for (MessageReader reader(bytes); !reader.at_end();) {
    ZY_TRY(const auto field, reader.next());
    if (field.number == 3) model.type = field.integer;
    if (field.number == 35) model.bytes = field.integer != 0;
    if (field.number == 40) model.unknown = field.integer;
  }
  return {};
}

Result<void> read_normalisation(std::string_view bytes, Model& model) {
  for (MessageReader reader(bytes); !reader.at_end();) {
    ZY_TRY(const auto field, reader.next());
    if (field.number == 2) model.charsmap = field.bytes;
    if (field.number == 3) model.blank_first = field.integer != 0;
    if (field.number == 4) model.single_blanks = field.integer != 0;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<UnigramTokenizer>> sentencepiece_tokenizer(std::string_view bytes, int id_offset) {
  Model model;
  for (MessageReader reader(bytes); !reader.at_end();) {
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
