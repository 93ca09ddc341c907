// One handler a route of Gorse's API; the table is in routes.cpp.
#pragma once

#include "app/serve/gorse/gorse.h"

namespace zhiyin::gorse {

using Handler = http::Response(Gorse&, const http::Request&);

// users.cpp
Handler post_user, post_users, get_user, patch_user, delete_user, list_users;
// items.cpp
Handler post_item, post_items, get_item, patch_item, delete_item, list_items, put_category, delete_category;
// feedback.cpp
Handler post_feedback, put_feedback, list_feedback, get_feedback, delete_feedback, get_pair, delete_pair,
    feedback_of_user, feedback_of_item;
// recommend.cpp
Handler recommend, session_recommend, collaborative, item_neighbours, user_neighbours;
// lists.cpp
Handler latest, popular, non_personalized;
// health.cpp
Handler health_live, health_ready;
// bulk.cpp
Handler export_users, export_items, export_feedback, import_users, import_items, import_feedback;

}  // namespace zhiyin::gorse
