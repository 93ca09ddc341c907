// Two files with the same bytes, met at the same time: the second waits until the first is understood, and then finds
// it in the store. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_set>

namespace zhiyin {

class ByteClaims {
 public:
  // Held while the bytes of this hash are worked on; waits while somebody else holds it.
  class Claim {
   public:
    Claim(ByteClaims& claims, std::string hash) : claims_(claims), hash_(std::move(hash)) {
      std::unique_lock lock(claims_.mutex_);
      claims_.released_.wait(lock, [&] { return !claims_.held_.contains(hash_); });
      claims_.held_.insert(hash_);
    }
    ~Claim() {
      {
        const std::scoped_lock lock(claims_.mutex_);
        claims_.held_.erase(hash_);
      }
      claims_.released_.notify_all();
    }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

   private:
    ByteClaims& claims_;
    std::string hash_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  std::unordered_set<std::string> held_;  // GUARDED_BY(mutex_)
};

}  // namespace zhiyin
