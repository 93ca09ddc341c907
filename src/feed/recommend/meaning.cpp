#include "feed/recommend/meaning.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/kernels/vectors.h"
#include "understand/embed/text/hashed_text.h"
#include "understand/embed/text/use_encoder.h"

namespace zhiyin {
namespace {

constexpr double kFloor = 0.25;         // less alike than this is chance
constexpr double kDeviations = 4;       // above the catalogue's mean, for full marks
constexpr std::size_t kComparable = 8;  // items, to know what is ordinary

enum class Evidence { kWords, kMedia, kLetters };

// The query, and the vectors of items that it can be compared with.
struct Space {
  Evidence evidence = Evidence::kWords;
  std::string encoder;
  int version = 1;
  bool known_scale = false;
  std::vector<float> query;
};

// One an encoder that sees something in the query, and one for each of its companions.
Result<std::vector<Space>> spaces_of(std::span<const std::unique_ptr<TextEncoder>> encoders, std::string_view query) {
  std::vector<Space> spaces;
  const std::string text(query);
  for (const auto& encoder : encoders) {
    ZY_TRY(const auto vector, encoder->encode_one(text));
    if (std::ranges::all_of(vector, [](float x) { return x == 0; })) continue;
    const auto name = encoder->name();
    const bool letters = name == HashedText::kName;
    spaces.push_back({letters ? Evidence::kLetters : Evidence::kWords, std::string(name), encoder->version(),
                      letters || name == UseEncoder::kName, vector});
    for (const auto& [companion, version] : encoder->companions()) {
      if (modality_of(companion) != Modality::kText)
        spaces.push_back({Evidence::kMedia, companion, version, false, vector});
    }
  }
  return spaces;
}

std::optional<double> cosine(const Space& space, const std::vector<ModalityVector>& item) {
  const auto found = std::ranges::find(item, space.encoder, &ModalityVector::encoder);
  if (found == item.end() || found->version != space.version || found->values.size() != space.query.size())
    return std::nullopt;
  const double squares = double{dot(space.query, space.query)} * dot(found->values, found->values);
  return squares > 0 ? dot(space.query, found->values) / std::sqrt(squares) : 0;
}

// How alike each item is to the query in one space, [0, 1]; nothing where it has no vector there.
std::vector<std::optional<double>> alike(const Space& space, const View& view) {
  std::vector<std::optional<double>> column(view.items().size());
  double count = 0;
  double sum = 0;
  double squares = 0;
  for (ItemIndex i = 0; i < column.size(); ++i) {
    column[i] = cosine(space, view.modalities(i));
    if (!column[i]) continue;
    ++count;
    sum += *column[i];
    squares += *column[i] * *column[i];
  }
  if (!space.known_scale && count >= kComparable) {
    const double mean = sum / count;
    const double deviation = std::sqrt(std::max(squares / count - mean * mean, 1e-12));
    for (auto& value : column) {
      if (value) value = (*value - mean) / (kDeviations * deviation);
    }
  }
  for (auto& value : column) {
    if (value) value = *value < kFloor ? 0 : std::min(*value, 1.0);
  }
  return column;
}

}  // namespace

Result<std::vector<double>> meanings(const View& view, std::span<const std::unique_ptr<TextEncoder>> encoders,
                                     std::string_view query) {
  ZY_TRY(const auto spaces, spaces_of(encoders, query));
  struct Sum {
    int encoders = 0;
    double words = 0;
    double media = 0;
    double letters = 0;
  };
  std::vector<Sum> sums(view.items().size());
  for (const auto& space : spaces) {
    const auto column = alike(space, view);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (!column[i]) continue;
      auto& sum = sums[i];
      switch (space.evidence) {
        case Evidence::kWords:
          ++sum.encoders;
          sum.words += *column[i];
          break;
        case Evidence::kMedia: sum.media = std::max(sum.media, *column[i]); break;
        case Evidence::kLetters: sum.letters = *column[i]; break;
      }
    }
  }
  std::vector<double> meanings;
  meanings.reserve(sums.size());
  for (const auto& sum : sums) {
    meanings.push_back(std::max(sum.encoders > 0 ? sum.words / sum.encoders : sum.letters, sum.media));
  }
  return meanings;
}

}  // namespace zhiyin
