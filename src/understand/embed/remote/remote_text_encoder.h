// A text encoder that is an endpoint's: POST /embeddings. What the endpoint does not answer, in time and in form, is a
// vector of zeros, a missing modality: the item lives on, and the next look at it asks again.
#pragma once

#include <memory>
#include <string>

#include "understand/embed/remote/answer_cache.h"
#include "understand/embed/remote/endpoint.h"
#include "understand/embed/text/text_encoder.h"

namespace zhiyin {

class RemoteTextEncoder final : public TextEncoder {
 public:
  static constexpr std::string_view kPrefix = "text.endpoint.";  // of its name

  // Asks for one vector (or has it from the cache) to learn how long they are. Errors: no answer, or one that is none.
  static Result<std::unique_ptr<RemoteTextEncoder>> open(std::shared_ptr<const Endpoint> endpoint,
                                                         std::shared_ptr<AnswerCache> cache);

  [[nodiscard]] std::string_view name() const override { return name_; }  // "text.endpoint.MODEL"
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] std::size_t dim() const override { return dim_; }

  // Never an error. 32 texts a request; a text is cut after 8000 bytes.
  [[nodiscard]] Result<std::vector<float>> encode(std::span<const std::string> texts) const override;

 private:
  RemoteTextEncoder(std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<AnswerCache> cache);
  // One vector a text, each of unit length.
  [[nodiscard]] Result<std::vector<std::vector<float>>> ask(std::span<const std::string_view> texts) const;
  [[nodiscard]] std::string key(std::string_view text) const;

  std::shared_ptr<const Endpoint> endpoint_;
  std::shared_ptr<AnswerCache> cache_;
  std::string name_;
  std::size_t dim_ = 0;
};

}  // namespace zhiyin
