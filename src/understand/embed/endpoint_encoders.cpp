#include "understand/embed/endpoint_encoders.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "understand/embed/remote/reader_sense.h"
#include "understand/embed/remote/remote_text_encoder.h"

namespace zhiyin {
namespace {

constexpr double kQuery_s = 2;

Result<std::string> tried(const EndpointOptions& options) {
  ZY_TRY(std::shared_ptr<const Endpoint> endpoint, Endpoint::open(options));
  const auto no_cache = std::make_shared<AnswerCache>(AnswerCache::kNone);
  auto found = options.url;
  if (!options.model.empty()) {
    ZY_TRY(const auto encoder, RemoteTextEncoder::open(endpoint, no_cache));
    found += fmt::format(", {} numbers by {}", encoder->dim(), options.model);
  }
  if (!options.chat_model.empty()) {
    ZY_CHECK_OK(ReaderSense(endpoint, no_cache).read("title: A cat plays with a ball of wool"));
    found += fmt::format(", summaries by {}", options.chat_model);
  }
  return found;
}

}  // namespace

void open_endpoint(const EndpointOptions& options, const std::filesystem::path& cache, Encoders& encoders) {
  if (options.url.empty()) return;
  auto opened = Endpoint::open(options);
  if (!opened.ok()) {
    log_warning("{}; the endpoint is left out", opened.error().message);
    return;
  }
  const std::shared_ptr<const Endpoint> endpoint = std::move(opened).value();
  const auto answers = std::make_shared<AnswerCache>(cache / "endpoint.db");
  if (!options.model.empty()) {
    if (auto encoder = RemoteTextEncoder::open(endpoint, answers); encoder.ok()) {
      encoders.text.push_back(std::move(encoder).value());
    } else {
      log_warning("{}; texts go without its vectors", encoder.error().message);
    }
  }
  if (!options.chat_model.empty()) encoders.senses.push_back(std::make_unique<ReaderSense>(endpoint, answers));
}

EndpointOptions for_queries(EndpointOptions options) {
  options.timeout_s = std::min(options.timeout_s, kQuery_s);
  return options;
}

EndpointStatus endpoint_status(const EndpointOptions& options) {
  auto found = tried(options);
  if (found.ok()) return {std::move(found).value(), {}};
  return {{}, found.error().message};
}

}  // namespace zhiyin
