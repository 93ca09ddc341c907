// What a large model says of an item whose words are known: a sentence or two of summary, and tags. POST
// /chat/completions with a JSON schema that the answer must keep.
//
// The last of the senses: it reads what the others found (speech, text on the screen, things seen) beside the file's
// own tags and subtitles. What it gives: the fact "summary", and tags named after it. Words of a file are somebody's:
// they go to the model as data between marks, and whatever comes back is only ever shown as a summary and as tags,
// limited in number and length. An item without words is not asked about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "understand/embed/remote/answer_cache.h"
#include "understand/embed/remote/endpoint.h"
#include "understand/sense.h"

namespace zhiyin {

struct ItemReading {
  std::string summary;
  std::vector<std::string> tags;
};

class ReaderSense final : public Sense {
 public:
  static constexpr std::string_view kPrefix = "reader.";  // of its name

  ReaderSense(std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<AnswerCache> cache);

  [[nodiscard]] std::string_view name() const override { return name_; }  // "reader.MODEL"
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override;

  // Errors: no answer, or one that does not keep the schema.
  [[nodiscard]] Result<ItemReading> read(std::string_view words) const;

 private:
  std::shared_ptr<const Endpoint> endpoint_;
  std::shared_ptr<AnswerCache> cache_;
  std::string name_;
};

}  // namespace zhiyin
