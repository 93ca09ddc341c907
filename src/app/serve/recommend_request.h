// What a request for recommendations asks, read from its body or its query.
#pragma once

#include <string>
#include <vector>

#include "base/http/message.h"
#include "base/json.h"
#include "base/result.h"
#include "feed/recommend/recommend.h"

namespace zhiyin {

struct Asked {
  std::vector<Request> requests;  // one, or one a user of a batch
  bool batch = false;
  bool attributes = true;
  std::string next;  // the token of the page before; empty for a first page
};

// {"user" | "guest" | "users": [..], "items"?, "n"?, "exclude"?, "filter"?, "next"?, "attributes"?, "lang"?}.
// Without user and guest, items must be given: a session of nobody in particular. filter is {"tags": [..]}, which an
// item must all have; "category" is another word for it. An unknown field is an error that names the nearest one.
Result<Asked> read_recommend_body(const Json& body, Language language);

// The same in a query; exclude, items and category may be there several times. Not for batches.
Result<Asked> read_recommend_query(const http::Parameters& query, Language language);

}  // namespace zhiyin
