#include "app/serve/front.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace zhiyin {

Front::Front(FrontOptions options, AccessOptions access, std::shared_ptr<Recorder> recorder)
    : options_(std::move(options)),
      base_segments_(static_cast<std::size_t>(std::ranges::count(options_.base_path, '/'))),
      access_(std::make_shared<const Access>(std::move(access))),
      recorder_(std::move(recorder)) {}

void Front::add_home(const std::string& name, http::Router router) {
  router.observe([recorder = recorder_](const http::Observation& seen) { recorder->record(seen); });
  homes_.emplace(name, std::move(router));
}

Result<void> Front::set_access(AccessOptions options) {
  for (const auto& key : options.keys) {
    if (!homes_.contains(key.home)) {
      return Error{
          ErrorCode::kConflict,
          fmt::format("the key \"{}\" opens the home {}, which is not served yet: restart", key.name, key.home),
          "access.key"};
    }
  }
  std::atomic_store(&access_, std::make_shared<const Access>(std::move(options)));
  return {};
}

http::Response Front::handle(http::Request& request) const {
  recorder_->begin(request);
  request.peer = options_.proxies.origin_of(request);
  const TraceScope scope(request.trace.get());
  if (const auto& base = options_.base_path; !base.empty() && request.path.starts_with(base)) {
    if (request.path.size() == base.size()) {  // what the page asks for is relative to a folder
      http::Response moved{.status = 301};
      moved.headers.add("Location", base + "/");
      return refuse(request, std::move(moved));
    }
    if (request.path[base.size()] == '/') {
      request.path.erase(0, base.size());
      request.segments.erase(request.segments.begin(),
                             request.segments.begin() + static_cast<std::ptrdiff_t>(base_segments_));
      if (request.path == "/") request.segments.clear();
    }
  }
  auto admission = std::atomic_load(&access_)->admit(request);
  request.caller = std::move(admission.caller);
  if (admission.refusal) return refuse(request, std::move(*admission.refusal));
  return homes_.find(admission.home)->second.handle(request);
}

// No route has seen it, but it is written down like the others.
http::Response Front::refuse(const http::Request& request, http::Response refusal) const {
  recorder_->record({request, {}, refusal.status, 0});
  return refusal;
}

}  // namespace zhiyin
