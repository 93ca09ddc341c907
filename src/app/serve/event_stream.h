// POST /v1/events with lines (application/x-ndjson) that are taken as they come, so that a history of any length goes
// through one request in flat memory. The client is not read on while many of its events wait for the disk.
//
// Rows are acknowledged by one answer at the end. Where the log refuses (429, 507), reading stops and the error says with
// "rows" how many from the first on are settled: accepted, known already or refused.
#pragma once

#include "app/serve/service.h"
#include "base/http/message.h"

namespace zhiyin {

// Whose bodies the server has to read in pieces (http::ServerOptions::in_pieces).
bool is_event_stream(const http::Request& request);

// REQUIRES: request.incoming
http::Response stream_events(Service& service, const http::Request& request);

}  // namespace zhiyin
