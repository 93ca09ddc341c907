#include <string_view>

#include "understand/media/media.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "media-worker") return zhiyin::media_worker(argc, argv);
  return 0;
}
