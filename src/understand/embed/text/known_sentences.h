// Sentences of several lengths and kinds, on which two versions of a text encoder are compared.
#pragma once

#include <string>
#include <vector>

namespace zhiyin {

inline std::vector<std::string> known_sentences() {
  return {
      "cat",
      "Soccer match highlights",
      "How to cook spicy noodles at home",
      "Relaxing piano music for sleep, study and meditation",
      "2024 NBA finals: game 7, last 5 minutes!!!",
      "we visited the old lighthouse, met its keeper and heard him play the violin at night while the storm came in "
      "from the sea",
      "GPU vs CPU benchmark",
      "a beginner's guide to fixing a flat bicycle tyre with nothing but a spoon, a bowl of water and patience",
  };
}

}  // namespace zhiyin
