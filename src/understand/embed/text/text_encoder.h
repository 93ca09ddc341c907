// Text -> vectors. Encoders are told apart by name and version, which are stored with every vector: an upgrade
// re-analyses only what it changed.
//
//   "text.use"   Universal Sentence Encoder lite: what a sentence means, in English or, by a dictionary, in Chinese:
//                both in
//                one space. Needs the model, and for Chinese the dictionaries, that set-up makes.
//   "text.hash"  hashed words and character n-grams: which words a text of any language shares with another. Needs
//                nothing.
//
// Vectors are of unit length, or all zeros where the encoder can tell nothing of a text (empty; for text.use also a
// text of neither Latin nor Chinese words). A vector of zeros is not an error: fusion takes it for a missing modality.
// Thread-safe: encode() may be called from any threads at once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/item.h"
#include "state/store/store.h"

namespace zhiyin {

class TextEncoder {
 public:
  virtual ~TextEncoder() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual int version() const = 0;
  [[nodiscard]] virtual std::size_t dim() const = 0;

  // Encoders of other things whose vectors lie in this one's space, so that a text can be compared with what they saw
  // or heard: the picture half of CLIP, to its text half.
  [[nodiscard]] virtual EncoderVersions companions() const { return {}; }

  // Row-major, texts.size() x dim(). Many texts at a time are cheaper than one at a time.
  [[nodiscard]] virtual Result<std::vector<float>> encode(std::span<const std::string> texts) const = 0;
  [[nodiscard]] Result<std::vector<float>> encode_one(const std::string& text) const { return encode({&text, 1}); }
};

// Every encoder that can work with what the cache holds: text.hash always, text.use where its model has been made.
// Without it a warning says so, and what mends it.
std::vector<std::unique_ptr<TextEncoder>> open_text_encoders(const std::filesystem::path& cache);

// What is to be read of an item: its title, creator, tags, the texts in its labels (attributes.labels) and its
// description, in that order.
std::string text_of(const Item& item);

// One vector by each encoder, those of zeros left out.
Result<std::vector<StoredVector>> encode_text(std::span<const std::unique_ptr<TextEncoder>> encoders,
                                              const std::string& text);

}  // namespace zhiyin
