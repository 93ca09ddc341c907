#include "support/places.h"

namespace zhiyin {

const std::string& program_path() {
  static const std::string path = ZHIYIN_BINARY;
  return path;
}

}  // namespace zhiyin
