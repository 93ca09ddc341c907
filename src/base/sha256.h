// SHA-256 of bytes that come in pieces (what is whole already: sha256_hex and sha256_file of base/file.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace zhiyin {

// Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  // Lower-case hex; nothing may be added behind it.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether two texts are the same, in a time that depends on their lengths alone.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace zhiyin
