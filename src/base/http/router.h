// Which handler answers which path. All routes stand in one table, which is also what /openapi.json and the labels of
// metrics are made from.
//
// A pattern is literal segments, "{name}" for one segment of any text (decoded after the split, so that an id may hold
// "/" as %2F), and "{name...}" at the end for the rest of the path. Literal beats {name} beats {name...}, wherever they
// differ first. HEAD is answered by GET's handler, OPTIONS by the table; another method gets 405 with Allow.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/http/deferred.h"
#include "base/http/message.h"

namespace zhiyin::http {

// Called from several threads at once.
using Handler = std::function<Response(const Request&)>;

struct Route {
  Method method = Method::kGet;
  std::string pattern;
  Handler handler;
  std::string summary;  // one sentence for the reader of /openapi.json
};

// What the router tells of each answer.
struct Observation {
  const Request& request;
  std::string_view pattern;  // of the route; empty if none matched
  int status;
  double seconds;
};
using Observer = std::function<void(const Observation&)>;

// Filled by one thread, then thread-safe.
class Router {
 public:
  // A pattern that is wrong or already there for the method is a bug: it asserts.
  Router& add(Method method, std::string pattern, Handler handler, std::string summary = {});

  // Answers a GET that no pattern matches: the web app's files. Without it: 404.
  Router& fallback(Handler handler);

  // Called after every answer, on the thread that made it. A deferred answer (deferred.h) may come after the router has
  // gone: what the observer uses must outlive it.
  Router& observe(Observer observer);

  // Sets request.path_parameters and calls the route's handler.
  Response handle(Request& request) const;

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }  // in the order added

 private:
  struct Segment {
    enum class Kind { kLiteral, kOne, kRest } kind;
    std::string text;  // the literal, or the name
  };
  struct Pattern {
    std::size_t route;  // of routes_
    std::vector<Segment> segments;
  };

  static std::vector<Segment> compile(std::string_view pattern);
  static bool match(const std::vector<Segment>& pattern, const std::vector<std::string>& path, Parameters& found);
  Response observe_later(Request& request, std::string_view pattern, const Stopwatch& watch,
                         PendingAnswer& pending) const;
  Response dispatch(Request& request, std::string_view& pattern) const;

  std::vector<Route> routes_;
  std::vector<Pattern> patterns_;  // the more literal first
  Handler fallback_;
  std::shared_ptr<const Observer> observer_;
};

// The files below a folder, by the path of the request; "/" is index.html. What lies in assets/ carries a hash in its
// name and may be kept for ever; the rest is asked for anew each time (304 when unchanged).
Handler static_files(std::filesystem::path root);

}  // namespace zhiyin::http
