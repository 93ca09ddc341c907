#include "base/http/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/http/url.h"

namespace zhiyin::http {

Router& Router::add(Method method, std::string pattern, Handler handler, RouteNotes notes) {
  assert(std::ranges::none_of(routes_,
                              [&](const Route& route) { return route.method == method && route.pattern == pattern; }) &&
         "a route is there twice");
  Pattern compiled{.route = routes_.size(), .segments = compile(pattern)};
  const auto is_more_literal = [](const Pattern& a, const Pattern& b) {
    return std::ranges::lexicographical_compare(a.segments, b.segments, {}, &Segment::kind, &Segment::kind);
  };
  const auto place = std::ranges::upper_bound(patterns_, compiled, is_more_literal);
  patterns_.insert(place, std::move(compiled));
  routes_.push_back({method, std::move(pattern), std::move(handler), std::move(notes)});
  return *this;
}

Router& Router::fallback(Handler handler) {
  fallback_ = std::move(handler);
  return *this;
}

Router& Router::observe(Observer observer) {
  observer_ = std::make_shared<const Observer>(std::move(observer));
  return *this;
}

std::vector<Router::Segment> Router::compile(std::string_view pattern) {
  assert(pattern.starts_with('/') && "a pattern begins with \"/\"");
  const auto path = split_path(pattern);
  assert(path.ok() && "a pattern is plain text");
  std::vector<Segment> segments;
  for (const auto& text : path.value()) {
    assert((segments.empty() || segments.back().kind != Segment::Kind::kRest) && "{name...} stands last");
    if (!text.starts_with('{')) {
      segments.push_back({Segment::Kind::kLiteral, text});
    } else if (text.ends_with("...}")) {
      segments.push_back({Segment::Kind::kRest, text.substr(1, text.size() - 5)});
    } else {
      assert(text.ends_with('}') && "a parameter is a whole segment");
      segments.push_back({Segment::Kind::kOne, text.substr(1, text.size() - 2)});
    }
  }
  return segments;
}

bool Router::match(const std::vector<Segment>& pattern, const std::vector<std::string>& path, Parameters& found) {
  const bool has_rest = !pattern.empty() && pattern.back().kind == Segment::Kind::kRest;
  if (has_rest ? path.size() < pattern.size() : path.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    switch (pattern[i].kind) {
      case Segment::Kind::kLiteral:
        if (path[i] != pattern[i].text) return false;
        break;
      case Segment::Kind::kOne:
        if (path[i].empty()) return false;
        found.add(pattern[i].text, path[i]);
        break;
      case Segment::Kind::kRest: {
        std::string rest = path[i];
        for (std::size_t j = i + 1; j < path.size(); ++j) rest += '/' + path[j];
        found.add(pattern[i].text, std::move(rest));
        break;
      }
    }
  }
  return true;
}

Response Router::handle(Request& request) const {
  if (!observer_) {
    std::string_view pattern;
    return dispatch(request, pattern);
  }
  const Stopwatch watch;
  std::string_view pattern;
  try {
    auto response = dispatch(request, pattern);
    if (response.pending) return observe_later(request, pattern, watch, *response.pending);
    (*observer_)({request, pattern, response.status, watch.seconds()});
    return response;
  } catch (...) {
    (*observer_)({request, pattern, 500, watch.seconds()});
    throw;
  }
}

// By then the request has moved on, and the router may have gone: the observer sees copies, of the request without its
// body.
Response Router::observe_later(Request& request, std::string_view pattern, const Stopwatch& watch,
                               PendingAnswer& pending) const {
  const Deferred observed;
  auto body = std::exchange(request.body, {});
  auto incoming = std::exchange(request.incoming, nullptr);  // what takes it holds the answer
  pending.when_answered(
      [observer = observer_, observed, route = std::string(pattern), watch, copy = request](Response response) {
        (*observer)({copy, route, response.status, watch.seconds()});
        observed.answer(std::move(response));
      });
  request.body = std::move(body);
  request.incoming = std::move(incoming);
  return observed.response();
}

Response Router::dispatch(Request& request, std::string_view& pattern) const {
  const auto wanted = request.method == Method::kHead ? Method::kGet : request.method;
  std::string allowed;
  for (const auto& candidate : patterns_) {
    Parameters found;
    if (!match(candidate.segments, request.segments, found)) continue;
    const auto& route = routes_[candidate.route];
    pattern = route.pattern;
    if (route.method == wanted) {
      request.path_parameters = std::move(found);
      return route.handler(request);
    }
    allowed += fmt::format("{}{}, ", method_name(route.method), route.method == Method::kGet ? ", HEAD" : "");
  }
  if (allowed.empty()) {
    if (fallback_ && wanted == Method::kGet) return fallback_(request);
    return error_response(not_found(fmt::format("there is nothing at {}", request.path)));
  }
  allowed += "OPTIONS";
  auto response = request.method == Method::kOptions
                      ? Response{.status = 204}
                      : error_response(405, "method", fmt::format("{} takes {}", request.path, allowed));
  response.headers.add("Allow", allowed);
  return response;
}

Handler static_files(std::filesystem::path root) {
  return [root = std::move(root)](const Request& request) {
    auto segments = request.segments;
    if (segments.empty()) segments = {"index.html"};
    const auto path = path_inside(root, segments);
    if (!path.ok()) return error_response(path.error());
    auto response = file_response(*path);
    response.headers.add("Cache-Control",
                         segments.front() == "assets" ? "public, max-age=31536000, immutable" : "no-cache");
    return response;
  };
}

}  // namespace zhiyin::http
