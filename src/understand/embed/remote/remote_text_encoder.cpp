#include "understand/embed/remote/remote_text_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/log.h"
#include "understand/embed/onnx/described_network.h"
#include "understand/embed/remote/words_limit.h"

namespace zhiyin {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kLongest = 8000;  // bytes of a text
constexpr std::string_view kProbe = "zhiyin";

std::string to_bytes(const std::vector<float>& vector) {
  return {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)};
}

std::vector<float> from_bytes(const std::string& bytes) {
  std::vector<float> vector(bytes.size() / sizeof(float));
  std::memcpy(vector.data(), bytes.data(), vector.size() * sizeof(float));
  return vector;
}

Error malformed(std::string_view what) {
  return {ErrorCode::kUnavailable, fmt::format("the answer to /embeddings is not one vector a text: {}", what), {}};
}

Result<std::vector<float>> vector_in(const Json& json) {
  std::vector<float> vector;
  for (const auto& value : json.elements()) {
    if (!value.is_number() || !(std::abs(value.as_number()) <= std::numeric_limits<float>::max()))
      return malformed("a value is no number of float32");
    vector.push_back(static_cast<float>(value.as_number()));
  }
  if (vector.empty()) return malformed("an embedding is missing or empty");
  normalise_rows(vector, vector.size());
  return vector;
}

}  // namespace

RemoteTextEncoder::RemoteTextEncoder(std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<AnswerCache> cache)
    : endpoint_(std::move(endpoint)),
      cache_(std::move(cache)),
      name_(std::string(kPrefix) + endpoint_->options().model) {}

std::string RemoteTextEncoder::key(std::string_view text) const {
  return AnswerCache::key({"embedding", endpoint_->options().url, endpoint_->options().model, text});
}

Result<std::unique_ptr<RemoteTextEncoder>> RemoteTextEncoder::open(std::shared_ptr<const Endpoint> endpoint,
                                                                   std::shared_ptr<AnswerCache> cache) {
  std::unique_ptr<RemoteTextEncoder> encoder(new RemoteTextEncoder(std::move(endpoint), std::move(cache)));
  if (const auto known = encoder->cache_->find(encoder->key(kProbe))) {
    encoder->dim_ = from_bytes(*known).size();
  } else {
    ZY_TRY(const auto vectors, encoder->ask({&kProbe, 1}));
    encoder->dim_ = vectors[0].size();
    encoder->cache_->keep(encoder->key(kProbe), to_bytes(vectors[0]));
  }
  return encoder;
}

Result<std::vector<float>> RemoteTextEncoder::encode(std::span<const std::string> texts) const {
  std::vector<float> vectors(texts.size() * dim_, 0.0F);
  const auto put = [&](std::size_t row, const std::vector<float>& vector) {
    if (vector.size() == dim_) std::ranges::copy(vector, vectors.begin() + static_cast<std::ptrdiff_t>(row * dim_));
  };
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    if (const auto known = cache_->find(key(limited(texts[i], kLongest)))) {
      put(i, from_bytes(*known));
    } else {
      unknown.push_back(i);
    }
  }
  for (std::size_t first = 0; first < unknown.size(); first += kBatch) {
    const auto rows = std::span(unknown).subspan(first, std::min(kBatch, unknown.size() - first));
    std::vector<std::string_view> batch;
    for (const auto row : rows) batch.push_back(limited(texts[row], kLongest));
    const auto answer = ask(batch);
    if (!answer.ok()) {
      log_warning("{}: {} texts go without a vector: {}", name_, rows.size(), answer.error().message);
      continue;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      put(rows[i], (*answer)[i]);
      cache_->keep(key(batch[i]), to_bytes((*answer)[i]));
    }
  }
  return vectors;
}

Result<std::vector<std::vector<float>>> RemoteTextEncoder::ask(std::span<const std::string_view> texts) const {
  auto input = Json::array();
  for (const auto text : texts) input.push(text);
  auto body = Json::object({{"model", endpoint_->options().model}, {"encoding_format", "float"}});
  body.set("input", std::move(input));
  ZY_TRY(const auto answer, endpoint_->post("/embeddings", body));
  const auto& data = answer["data"].elements();
  if (data.size() != texts.size()) return malformed(fmt::format("{} for {} texts", data.size(), texts.size()));
  std::vector<std::vector<float>> vectors(texts.size());
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto index = static_cast<std::size_t>(data[i]["index"].as_integer(static_cast<std::int64_t>(i)));
    if (index >= vectors.size() || !vectors[index].empty()) return malformed("an index is out of range or comes twice");
    ZY_TRY(vectors[index], vector_in(data[i]["embedding"]));
    if (dim_ != 0 && vectors[index].size() != dim_)
      return malformed(fmt::format("{} numbers, not {}", vectors[index].size(), dim_));
  }
  return vectors;
}

}  // namespace zhiyin
