// One handler a route; the table of routes is in routes.cpp.
#pragma once

#include "app/serve/service.h"
#include "base/http/message.h"

namespace zhiyin {

// Behaviour in, recommendations out.
http::Response post_events(Service& service, const http::Request& request);
http::Response recommend(Service& service, const http::Request& request);
http::Response trending(Service& service, const http::Request& request);

// Lists that are the same for everybody.
http::Response latest(Service& service, const http::Request& request);
http::Response popular(Service& service, const http::Request& request);

// The catalogue.
http::Response get_item(Service& service, const http::Request& request);
http::Response put_item(Service& service, const http::Request& request);
http::Response patch_item(Service& service, const http::Request& request);
http::Response delete_item(Service& service, const http::Request& request);
http::Response get_similar(Service& service, const http::Request& request);
http::Response get_media(Service& service, const http::Request& request);
http::Response get_cover(Service& service, const http::Request& request);
http::Response get_preview(Service& service, const http::Request& request);
http::Response search(Service& service, const http::Request& request);

// Users.
http::Response list_users(Service& service, const http::Request& request);
http::Response get_user(Service& service, const http::Request& request);
http::Response put_user(Service& service, const http::Request& request);
http::Response merge_guest(Service& service, const http::Request& request);
http::Response get_similar_users(Service& service, const http::Request& request);

// The system itself.
http::Response healthz(Service& service, const http::Request& request);
http::Response metrics(Service& service, const http::Request& request);

// en, or zh where the request asks for it: ?lang=zh, else Accept-Language.
Language language_of(const http::Request& request);

}  // namespace zhiyin
