// Users and items in Gorse's words, both ways (docs/decisions/0007-gorse-in-our-words.md).
//
//   User.UserId     id                      Item.ItemId      id
//   User.Labels     attributes.labels       Item.Categories  tags
//   User.Comment    attributes.comment      Item.Timestamp   time, in seconds; none is Go's zero time
//                                           Item.IsHidden    hidden
//                                           Item.Labels      attributes.labels
//                                           Item.Comment     title if it is one line, else text
//
// What Gorse has no word for (creator, url, other attributes, the file behind an item) is never touched here.
// Unknown members are passed over, as Gorse does. Errors name the member.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "domain/item.h"
#include "domain/user.h"

namespace zhiyin::gorse {

// 1 to 256 bytes without "/": what may stand in a path.
Result<void> check_gorse_id(std::string_view text, std::string_view member);
// The member as such an id.
Result<std::string> id_member(const Json& json, std::string_view member);

Json to_gorse(const User& user);
Json to_gorse(const Item& item);

// A whole user or item: what the JSON leaves out is emptied. `known` is what the catalogue has under this id, or a
// new one with only its id.
Result<User> user_from_gorse(const Json& json, User known);
Result<Item> item_from_gorse(const Json& json, Item known);

// Only the members that the JSON names (PATCH); null changes nothing, as in Gorse.
Result<User> user_patched(User user, const Json& json);
Result<Item> item_patched(Item item, const Json& json);

}  // namespace zhiyin::gorse
