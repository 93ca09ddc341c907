// Ends a training by a loss that is to fall: tells when the last look was the best so far, and when it is time to stop.
#pragma once

#include <limits>

namespace zhiyin {

class EarlyStop {
 public:
  explicit EarlyStop(int patience) : patience_(patience) {}
  // True where `loss` is the lowest yet.
  bool best(double loss) {
    if (loss < lowest_) {
      lowest_ = loss;
      since_ = 0;
      return true;
    }
    ++since_;
    return false;
  }
  [[nodiscard]] bool over() const { return since_ >= patience_; }

 private:
  int patience_;
  int since_ = 0;
  double lowest_ = std::numeric_limits<double>::infinity();
};

}  // namespace zhiyin
