// What an endpoint adds to the encoders: vectors of texts, summaries and tags.
#pragma once

#include <filesystem>
#include <string>

#include "understand/embed/encoders.h"
#include "understand/embed/remote/endpoint.h"

namespace zhiyin {

// Appends what the options ask for; nothing where they name no URL. An endpoint that cannot be used (a wrong URL, a
// server that is down) is named in the log and left out. Answers are kept in CACHE/endpoint.db.
void open_endpoint(const EndpointOptions& options, const std::filesystem::path& cache, Encoders& encoders);

// For a process in which somebody waits for the answer, a query of a search: at most 2 s are given to the endpoint.
EndpointOptions for_queries(EndpointOptions options);

struct EndpointStatus {
  std::string found;    // "http://..., 768 numbers by nomic-embed-text"
  std::string problem;  // "" if it works
};

// Asks the endpoint for a vector and for a reading of a known sentence, as the options say.
EndpointStatus endpoint_status(const EndpointOptions& options);

}  // namespace zhiyin
