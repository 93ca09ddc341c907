// Tokens and their ids, both ways. A plain value.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace zhiyin {

class Vocabulary {
 public:
  // A token that occurs twice keeps its last id.
  void add(std::string token, std::int64_t id) {
    tokens_[id] = token;
    ids_.insert_or_assign(std::move(token), id);
  }
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const {
    const auto found = ids_.find(token);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }
  // Empty where no token has the id.
  [[nodiscard]] std::string_view token_of(std::int64_t id) const {
    const auto found = tokens_.find(id);
    return found == tokens_.end() ? std::string_view() : std::string_view(found->second);
  }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;
  std::unordered_map<std::int64_t, std::string> tokens_;
};

}  // namespace zhiyin
