// What every request passes before a route answers it: the base path, who sent it, its key, and the home that the key opens.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "app/serve/access.h"
#include "app/serve/record.h"
#include "base/http/forwarded.h"
#include "base/http/router.h"

namespace zhiyin {

struct FrontOptions {
  std::string base_path;  // "/zhiyin": cut off where a path begins with it; empty: none
  http::TrustedProxies proxies;
};

// Filled by one thread, then thread-safe.
class Front {
 public:
  Front(FrontOptions options, AccessOptions access, std::shared_ptr<Recorder> recorder);

  // The routes of a home, under the name that keys have for it; "" is the one of all others.
  void add_home(const std::string& name, http::Router router);

  http::Response handle(http::Request& request) const;

  // From the next request on other keys and quotas hold. kConflict, and nothing changes, where a key opens a home that
  // is not there: that wants a restart.
  Result<void> set_access(AccessOptions options);

 private:
  http::Response refuse(const http::Request& request, http::Response refusal) const;

  FrontOptions options_;
  std::size_t base_segments_;
  std::shared_ptr<const Access> access_;  // by std::atomic_load and std::atomic_store only
  std::shared_ptr<Recorder> recorder_;
  std::map<std::string, http::Router, std::less<>> homes_;
};

}  // namespace zhiyin
