// A sense: one encoder of what can be seen or heard in a file. It looks at a decoded file and adds to a perception what
// it finds: vectors, tags, passages of words, facts. A sense whose modality the file lacks adds nothing.
//
// Thread-safe: perceive() may be called from any threads at once. Opened once, used for every file.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/perception.h"
#include "understand/media/media.h"

namespace zhiyin {

class Sense {
 public:
  virtual ~Sense() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;  // also the name of its vectors: "vision.centernet"
  [[nodiscard]] virtual int version() const = 0;

  // An error costs this sense's part, not the item; what it had added before the error stays.
  [[nodiscard]] virtual Result<void> perceive(const Decoded& decoded, Perception& found) const = 0;
};

using Senses = std::vector<std::unique_ptr<Sense>>;

}  // namespace zhiyin
